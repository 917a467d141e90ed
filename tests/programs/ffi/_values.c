/* Packed structs by value, and calls of Dart from threads of C's own. */
#include <pthread.h>
#include <stdint.h>

typedef struct __attribute__((packed)) { int8_t a; int32_t b; } Five;
typedef struct __attribute__((packed)) { int8_t a; double b; int16_t c; } Eleven;
typedef struct __attribute__((packed)) { int8_t a; int64_t b[3]; } Large;

/* More arguments than registers, with structs between them. */
int64_t weigh(int32_t a, Five b, double c, Eleven d, int64_t e, int64_t f, int64_t g,
              int64_t h, int64_t i, Large j, int8_t k) {
  return a + 10 * (b.a + b.b) + (int64_t)(100 * (c + d.b)) + 1000 * (d.a + d.c) +
         e + f + g + h + i + 10000 * (j.a + j.b[0] + j.b[1] + j.b[2]) + 100000 * k;
}

Five make_five(int8_t a, int32_t b) { return (Five){a, b}; }
Eleven turn(Eleven from) { return (Eleven){(int8_t)from.c, -from.b, from.a}; }
Large make_large(int8_t a, int64_t b) { return (Large){a, {b, b + 1, b + 2}}; }

typedef Eleven (*Turn)(int8_t, Five, Eleven, Large);
double call_turn(Turn turn) {
  Eleven given = turn(1, (Five){2, 3}, (Eleven){4, 5.5, 6}, (Large){7, {8, 9, 10}});
  return given.a + 10 * given.b + 100 * given.c;
}

typedef int64_t (*Work)(int64_t, double);
typedef Five (*Make)(int64_t);
typedef struct { Work work; Make make; int64_t argument, result; } Call;

static void *run(void *argument) {
  Call *call = argument;
  if (call->work) {
    for (int i = 0; i < 100; i++) call->result += call->work(call->argument, 0.5);
  } else {
    Five made = call->make(call->argument);
    call->result = made.a * 1000 + made.b;
  }
  return 0;
}

/* A hundred calls on each of four threads. */
int64_t on_threads(Work work) {
  pthread_t threads[4];
  Call calls[4];
  int64_t sum = 0;
  for (int i = 0; i < 4; i++) {
    calls[i] = (Call){work, 0, i, 0};
    pthread_create(&threads[i], 0, run, &calls[i]);
  }
  for (int i = 0; i < 4; i++) {
    pthread_join(threads[i], 0);
    sum += calls[i].result;
  }
  return sum;
}

int64_t make_on_thread(Make make) {
  pthread_t thread;
  Call call = {0, make, 7, 0};
  pthread_create(&thread, 0, run, &call);
  pthread_join(thread, 0);
  return call.result;
}

int64_t call_here(Work work, int64_t argument) { return work(argument, 0.25); }
