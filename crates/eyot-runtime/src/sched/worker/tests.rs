use super::*;
use std::sync::mpsc;

/// A task made of a closure.
struct Actor {
    behave: Behaviour,
}

type Behaviour = Box<dyn FnMut(&mut Slice<'_, Actor>) -> Outcome + Send>;

#[derive(Debug, PartialEq)]
enum Note {
    Number(u64),
    Partner(IsolateId),
    Timer,
}

impl Task for Actor {
    type Message = Note;
    type Seed = Actor;

    fn begin(seed: Box<Actor>, _: IsolateId) -> Box<Actor> {
        seed
    }

    fn run(&mut self, slice: &mut Slice<'_, Self>) -> Outcome {
        (self.behave)(slice)
    }

    fn timer_message(_: TimerId) -> Note {
        Note::Timer
    }

    fn crashed(&mut self, _: &mut Slice<'_, Self>, _: &str) {}
}

fn actor(behave: impl FnMut(&mut Slice<'_, Actor>) -> Outcome + Send + 'static) -> Box<Actor> {
    Box::new(Actor {
        behave: Box::new(behave),
    })
}

impl Scheduler<Actor> {
    fn begin(&self, make: impl FnOnce(IsolateId) -> Box<Actor>) -> IsolateId {
        self.spawn(|id, _| New::Seed(make(id)))
    }
}

impl Slice<'_, Actor> {
    fn begin(&self, make: impl FnOnce(IsolateId) -> Box<Actor>) -> IsolateId {
        self.scheduler().begin(make)
    }
}

fn with_workers<R>(workers: usize, use_it: impl FnOnce(&Scheduler<Actor>) -> R) -> R {
    let config = SchedulerConfig {
        workers,
        ..SchedulerConfig::default()
    };
    let (scheduler, threads) = Scheduler::start(&config).unwrap();
    let result = use_it(&scheduler);
    scheduler.stop();
    threads.join();
    result
}

/// Counts down with its partner and reports 0.
fn player(report: mpsc::Sender<()>) -> Box<Actor> {
    let mut partner = None;
    actor(move |slice| {
        while let Some(note) = slice.receive() {
            match note {
                Note::Partner(id) => partner = Some(id),
                Note::Number(0) => {
                    report.send(()).unwrap();
                    return Outcome::Ended;
                }
                Note::Number(n) => {
                    slice.send(partner.unwrap(), Note::Number(n - 1)).unwrap();
                }
                Note::Timer => {}
            }
        }
        Outcome::Idle
    })
}

#[test]
fn two_tasks_play_ping_pong_on_any_number_of_workers() {
    for workers in [1, 2, 4] {
        with_workers(workers, |scheduler| {
            let (report, done) = mpsc::channel();
            let one = scheduler.begin(|_| player(report.clone()));
            let two = scheduler.begin(|_| player(report));
            scheduler.send(one, Note::Partner(two)).unwrap();
            scheduler.send(two, Note::Partner(one)).unwrap();
            scheduler.send(one, Note::Number(100_001)).unwrap();
            done.recv().unwrap();
        });
    }
}

#[test]
fn a_task_that_spins_lets_others_run_on_one_worker() {
    with_workers(1, |scheduler| {
        for _ in 0..10 {
            scheduler.begin(|_| {
                actor(|slice| {
                    while !slice.is_over() {
                        std::hint::spin_loop();
                    }
                    Outcome::Expired
                })
            });
        }
        let (report, done) = mpsc::channel();
        let one = scheduler.begin(|_| player(report.clone()));
        let two = scheduler.begin(|_| player(report));
        scheduler.send(one, Note::Partner(two)).unwrap();
        scheduler.send(two, Note::Partner(one)).unwrap();
        scheduler.send(one, Note::Number(101)).unwrap();
        done.recv().unwrap();
    });
}

/// Hops between tasks of which each has a home of its own, while others spin and would be stolen; each run tells where it was.
#[test]
fn a_task_with_a_home_runs_nowhere_else() {
    const WORKERS: usize = 3;
    const HOPS: u64 = 600;
    with_workers(WORKERS, |scheduler| {
        let (report, done) = mpsc::channel();
        for _ in 0..2 {
            scheduler.begin(|_| {
                actor(|slice| {
                    while !slice.is_over() {
                        std::hint::spin_loop();
                    }
                    Outcome::Expired
                })
            });
        }
        let ids: Vec<IsolateId> = (0..2 * WORKERS)
            .map(|index| {
                let home = index % WORKERS;
                let report = report.clone();
                let mut next = None;
                scheduler.begin(move |_| {
                    actor(move |slice| {
                        if slice.record().pinned_to().is_none() {
                            slice.record().set_home(home, true);
                            slice.record().set_free();
                            return Outcome::Expired;
                        }
                        assert_eq!(slice.worker(), home);
                        while let Some(note) = slice.receive() {
                            match note {
                                Note::Partner(id) => next = Some(id),
                                Note::Number(0) => report.send(()).unwrap(),
                                Note::Number(n) => {
                                    slice.send(next.unwrap(), Note::Number(n - 1)).unwrap();
                                }
                                Note::Timer => {}
                            }
                        }
                        Outcome::Idle
                    })
                })
            })
            .collect();
        for (index, &id) in ids.iter().enumerate() {
            let next = ids[(index + 1) % ids.len()];
            scheduler.send(id, Note::Partner(next)).unwrap();
        }
        scheduler.send(ids[0], Note::Number(HOPS)).unwrap();
        done.recv_timeout(Duration::from_secs(60)).unwrap();
    });
}

#[test]
fn an_ended_task_cannot_be_reached_and_its_place_is_reused() {
    with_workers(1, |scheduler| {
        let (report, done) = mpsc::channel();
        let first = scheduler.begin(|_| player(report.clone()));
        scheduler.send(first, Note::Number(0)).unwrap();
        done.recv().unwrap();
        while scheduler.registry().alive() > 0 {
            std::thread::yield_now();
        }
        assert_eq!(
            scheduler.send(first, Note::Number(1)),
            Err(Closed(Note::Number(1)))
        );
        // The place is with the worker, for what is made there.
        let (tell, told) = mpsc::channel();
        scheduler.begin(|_| {
            actor(move |slice| {
                tell.send(slice.begin(|_| player(report.clone()))).unwrap();
                Outcome::Ended
            })
        });
        let second = told.recv().unwrap();
        assert_eq!(second.slot, first.slot);
        assert_ne!(second.generation, first.generation);
        assert!(scheduler.send(first, Note::Number(1)).is_err());
    });
}

#[test]
fn timers_come_in_order_and_cancelled_ones_do_not_come() {
    with_workers(2, |scheduler| {
        let (report, done) = mpsc::channel();
        let mut started = false;
        let mut seen = 0;
        scheduler.begin(|_| {
            actor(move |slice| {
                if !started {
                    started = true;
                    let now = Instant::now();
                    let cancelled = slice.set_timer(now + Duration::from_millis(2));
                    slice.set_timer(now + Duration::from_millis(4));
                    slice.set_timer(now + Duration::from_millis(6));
                    assert!(slice.cancel_timer(cancelled));
                }
                while let Some(note) = slice.receive() {
                    assert_eq!(note, Note::Timer);
                    seen += 1;
                }
                if seen == 2 {
                    report.send(seen).unwrap();
                    return Outcome::Ended;
                }
                Outcome::Idle
            })
        });
        assert_eq!(done.recv().unwrap(), 2);
    });
}

#[test]
fn a_task_that_panics_ends_alone() {
    with_workers(1, |scheduler| {
        let crashing = scheduler.begin(|_| actor(|_| panic!("on purpose")));
        let (report, done) = mpsc::channel();
        let other = scheduler.begin(|_| player(report));
        scheduler.send(other, Note::Number(0)).unwrap();
        done.recv().unwrap();
        while scheduler.registry().alive() > 0 {
            std::thread::yield_now();
        }
        assert!(scheduler.send(crashing, Note::Number(0)).is_err());
    });
}

#[test]
fn tasks_spawned_by_tasks_all_run() {
    with_workers(2, |scheduler| {
        let (report, done) = mpsc::channel();
        scheduler.begin(|_| {
            actor(move |slice| {
                for _ in 0..1000 {
                    let report = report.clone();
                    slice.begin(|_| {
                        actor(move |_| {
                            report.send(()).unwrap();
                            Outcome::Ended
                        })
                    });
                }
                Outcome::Ended
            })
        });
        assert_eq!(done.iter().take(1000).count(), 1000);
    });
}

#[test]
fn two_that_wake_each_other_leave_room_for_a_third() {
    with_workers(1, |scheduler| {
        let (report, done) = mpsc::channel();
        let volley = || {
            let mut partner = None;
            actor(move |slice| {
                while let Some(note) = slice.receive() {
                    match note {
                        Note::Partner(id) => partner = Some(id),
                        _ => {
                            if let Some(partner) = partner {
                                let _ = slice.send(partner, Note::Number(0));
                            }
                        }
                    }
                }
                Outcome::Idle
            })
        };
        let one = scheduler.begin(|_| volley());
        let two = scheduler.begin(|_| volley());
        scheduler.send(one, Note::Partner(two)).unwrap();
        scheduler.send(two, Note::Partner(one)).unwrap();
        scheduler.send(one, Note::Number(0)).unwrap();
        std::thread::sleep(Duration::from_millis(5));
        scheduler.begin(|_| {
            actor(move |_| {
                report.send(()).unwrap();
                Outcome::Ended
            })
        });
        done.recv_timeout(Duration::from_secs(20)).unwrap();
    });
}

#[test]
fn what_a_task_wakes_stays_if_many_have_run_since_the_clock_was_polled() {
    with_workers(2, |scheduler| {
        let partner_ran = Arc::new(AtomicBool::new(false));
        let ran = partner_ran.clone();
        let partner = scheduler.begin(|_| {
            actor(move |slice| {
                if slice.receive().is_some() {
                    ran.store(true, Ordering::SeqCst);
                }
                Outcome::Idle
            })
        });
        // It is idle by then.
        std::thread::sleep(Duration::from_millis(20));
        let (report, done) = mpsc::channel();
        scheduler.begin(|_| {
            actor(move |slice| {
                slice.local.runs.set(FEW_RUNS + 1);
                slice.send(partner, Note::Number(0)).unwrap();
                slice.is_over();
                report
                    .send(slice.local.handed_over.get().is_some())
                    .unwrap();
                while !partner_ran.load(Ordering::SeqCst) {
                    slice.is_over();
                }
                report.send(false).unwrap();
                Outcome::Ended
            })
        });
        assert_eq!(done.iter().take(2).collect::<Vec<_>>(), [true, false]);
    });
}

#[test]
fn a_task_alone_is_not_stopped_and_gives_way_once_another_is_woken() {
    with_workers(1, |scheduler| {
        let (report, done) = mpsc::channel();
        let other = scheduler.begin(|_| {
            actor(move |slice| {
                while slice.receive().is_some() {
                    report.send(()).unwrap();
                }
                Outcome::Idle
            })
        });
        let (stopped, was_stopped) = mpsc::channel();
        scheduler.begin(|_| {
            let mut polls = 0u64;
            actor(move |slice| {
                let started = Instant::now();
                while started.elapsed() < Duration::from_millis(20) {
                    polls += 1;
                    if slice.is_over() {
                        break;
                    }
                }
                if started.elapsed() >= Duration::from_millis(20) {
                    slice.send(other, Note::Number(1)).unwrap();
                } else {
                    return Outcome::Ended;
                }
                while !slice.is_over() {}
                stopped.send(polls).unwrap();
                Outcome::Expired
            })
        });
        assert!(was_stopped.recv_timeout(Duration::from_secs(20)).unwrap() > 0);
        done.recv_timeout(Duration::from_secs(20)).unwrap();
    });
}

/// Numbers that a seed gives.
struct Dice(u64);

impl Dice {
    fn roll(&mut self, sides: u64) -> u64 {
        self.0 = self
            .0
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1);
        (self.0 >> 33) % sides
    }
}

/// Tasks that throw tokens at each other, expire, spin, set timers and end: no token is lost but with a task that ended.
fn mix(seed: u64, workers: usize) {
    const TASKS: u64 = 40;
    const TOKENS: u64 = 60;
    const HOPS: u64 = 200;
    with_workers(workers, |scheduler| {
        let (report, done) = mpsc::channel();
        let mut ids = Vec::new();
        for number in 0..TASKS {
            let report = report.clone();
            let mut dice = Dice(seed ^ number.wrapping_mul(0x9e37_79b9_7f4a_7c15));
            let mut others: Vec<IsolateId> = Vec::new();
            let mut held = Vec::new();
            ids.push(scheduler.begin(|_| {
                actor(move |slice| {
                    while let Some(note) = slice.receive() {
                        match note {
                            Note::Partner(id) => others.push(id),
                            Note::Number(0) => report.send(()).unwrap(),
                            Note::Number(left) if dice.roll(16) == 0 => {
                                let delay = Duration::from_micros(dice.roll(300));
                                held.push(left);
                                slice.set_timer(Instant::now() + delay);
                            }
                            Note::Number(left) => {
                                let to = others[dice.roll(TASKS) as usize];
                                slice.send(to, Note::Number(left - 1)).unwrap();
                            }
                            Note::Timer => {
                                let to = others[dice.roll(TASKS) as usize];
                                slice
                                    .send(to, Note::Number(held.pop().unwrap() - 1))
                                    .unwrap();
                            }
                        }
                        if dice.roll(64) == 0 {
                            while !slice.is_over() && dice.roll(200) != 0 {}
                            return Outcome::Expired;
                        }
                    }
                    Outcome::Idle
                })
            }));
        }
        for &to in &ids {
            for &partner in &ids {
                scheduler.send(to, Note::Partner(partner)).unwrap();
            }
        }
        let mut dice = Dice(seed);
        for _ in 0..TOKENS {
            let to = ids[dice.roll(TASKS) as usize];
            scheduler.send(to, Note::Number(HOPS)).unwrap();
        }
        for _ in 0..TOKENS {
            let arrived = done.recv_timeout(Duration::from_secs(60));
            arrived.unwrap_or_else(|_| panic!("a token is lost with seed {seed}"));
        }
    });
}

#[test]
fn no_token_is_lost_in_random_mixes() {
    for seed in 1..=12 {
        mix(seed, 1 + (seed as usize % 4));
    }
}

/// A task on each of two workers: one is in a long step until what waits behind it has run, the other never rests.
#[test]
fn what_waits_behind_a_long_step_is_taken_over() {
    with_workers(2, |scheduler| {
        let (report, done) = mpsc::channel();
        let busy = Arc::new(AtomicBool::new(false));
        let over = Arc::new(AtomicBool::new(false));
        let (is_busy, is_over) = (busy.clone(), over.clone());
        scheduler.begin(|_| {
            actor(move |slice| {
                is_busy.store(true, Ordering::SeqCst);
                while !slice.is_over() {
                    std::hint::spin_loop();
                }
                match is_over.load(Ordering::SeqCst) {
                    true => Outcome::Ended,
                    false => Outcome::Expired,
                }
            })
        });
        let handed_over = report.clone();
        let behind = scheduler.begin(move |_| {
            actor(move |slice| match slice.receive() {
                Some(_) => {
                    handed_over.send(()).unwrap();
                    Outcome::Ended
                }
                None => Outcome::Idle,
            })
        });
        while !busy.load(Ordering::SeqCst) {
            std::thread::yield_now();
        }
        let (until, released) = mpsc::channel::<()>();
        scheduler.begin(|_| {
            actor(move |slice| {
                slice.send(behind, Note::Number(1)).unwrap();
                while released.try_recv().is_err() {
                    in_long_step();
                    std::thread::sleep(Duration::from_millis(1));
                }
                Outcome::Ended
            })
        });
        let has_run = done.recv_timeout(Duration::from_secs(30));
        until.send(()).unwrap();
        over.store(true, Ordering::SeqCst);
        assert_eq!(has_run, Ok(()));
    });
}
