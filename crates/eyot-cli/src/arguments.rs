//! The command line as data.
//!
//! `eyot FILE …` is `eyot run FILE …`. Flags for Eyot stand before FILE, also before the command; everything behind it belongs to the
//! program, also what looks like a flag.

use std::ffi::OsString;

use clap::error::ErrorKind;
use clap::{Arg, ArgAction, ArgMatches, Command, value_parser};
use eyot::{Options, Script};

use crate::{size, status};

/// What to do.
#[derive(Debug)]
pub enum Action {
    /// Run the program with these arguments.
    Run {
        /// For `main`.
        arguments: Vec<String>,
    },
    /// Report compile-time errors.
    Check,
    /// Print the bytecode.
    Disassemble,
    /// Print the bytecode of core functions by a part of their names.
    DisassembleCore(String),
    /// Say what the cache of compiled programs holds.
    CacheInfo,
    /// Empty it.
    CacheClean,
}

/// A command line that was understood.
#[derive(Debug)]
pub struct Invocation {
    /// What to do.
    pub action: Action,
    /// With which program.
    pub script: Script,
    /// And how.
    pub options: Options,
    /// The flags before the program's name, as they were given.
    pub flags: Vec<String>,
    /// Whether to say at the end what was allocated.
    pub count_allocations: bool,
}

/// What to say instead of doing something: help, the version, a usage error.
pub struct Answer {
    error: clap::Error,
    /// The exit status.
    pub status: u8,
}

impl Answer {
    /// Prints it: help and version on standard output, errors on standard error.
    pub fn print(&self) {
        // Nobody is left to tell when the stream is closed.
        let _ = self.error.print();
    }
}

/// Understands a command line, the command's own name first.
///
/// # Errors
///
/// What to print instead.
pub fn parse(arguments: impl Iterator<Item = OsString>) -> Result<Invocation, Answer> {
    let mut arguments = with_run(arguments.collect());
    let behind = split_off_program(&mut arguments);
    let mut command = command();
    let matches = command
        .try_get_matches_from_mut(&arguments)
        .map_err(answer)?;
    let Some((name, matches)) = matches.subcommand() else {
        let error = command.error(
            ErrorKind::MissingSubcommand,
            "name a Dart file to run, or a command",
        );
        return Err(answer(error));
    };
    Ok(invocation(name, matches, &arguments, &behind))
}

fn answer(error: clap::Error) -> Answer {
    let status = match error.kind() {
        ErrorKind::DisplayHelp | ErrorKind::DisplayVersion => 0,
        _ => status::USAGE,
    };
    Answer { error, status }
}

const COMMANDS: [&str; 5] = ["run", "check", "disasm", "cache", "help"];

/// Puts the command first: flags may stand before it, since `Platform.executableArguments` is written before whatever a program asks of
/// `Platform.resolvedExecutable`. Where there is none it is `run`.
fn with_run(mut arguments: Vec<OsString>) -> Vec<OsString> {
    let word = flags_end(&arguments, 1);
    let before = arguments.get(1..word).unwrap_or_default();
    if before
        .iter()
        .any(|flag| flag == "--version" || flag == "-V")
    {
        arguments.truncate(1);
        arguments.push("--version".into());
        return arguments;
    }
    let is_command = |word: &OsString| COMMANDS.iter().any(|command| word == command);
    if arguments.get(word).is_some_and(is_command) {
        let command = arguments.remove(word);
        arguments.insert(1, command);
    } else if arguments
        .get(1)
        .is_some_and(|first| first != "--help" && first != "-h")
    {
        arguments.insert(1, "run".into());
    }
    arguments
}

/// Takes the arguments behind the program's name off: the library for command lines would understand some of them, `--` for
/// instance.
fn split_off_program(arguments: &mut Vec<OsString>) -> Vec<OsString> {
    if arguments.get(1).is_none_or(|command| command != "run") {
        return Vec::new();
    }
    let program = flags_end(arguments, 2);
    arguments.split_off((program + 1).min(arguments.len()))
}

/// Where the flags that begin at `index` and their values end.
fn flags_end(arguments: &[OsString], mut index: usize) -> usize {
    while let Some(argument) = arguments.get(index) {
        let text = argument.to_string_lossy();
        if !text.starts_with('-') || text == "-" {
            return index;
        }
        index += if WITH_VALUE.contains(&&*text) { 2 } else { 1 };
    }
    arguments.len()
}

/// Flags whose value may be the next argument.
const WITH_VALUE: [&str; 10] = [
    "--analysis-threads",
    "-D",
    "--define",
    "--packages",
    "--max-heap",
    "--max-cpu",
    "--max-time",
    "--max-mailbox",
    "--gc-stress",
    "--workers",
];

fn command() -> Command {
    let run = program_command("run", "Runs a program")
        .arg(flag("enable-asserts", "Evaluates `assert`"))
        .arg(
            Arg::new("max-heap")
                .long("max-heap")
                .value_name("SIZE")
                .value_parser(size::parse)
                .help("Most memory of the main isolate's heap: 64m, 1g"),
        )
        .arg(
            limit("max-cpu", "TIME", size::parse_time)
                .help("Most time of the main isolate on a core: 500ms, 10s, 2m"),
        )
        .arg(
            limit("max-time", "TIME", size::parse_time)
                .help("Most time from the main isolate's start to its end"),
        )
        .arg(
            limit("max-mailbox", "N", value_parser!(u32).range(1..))
                .help("Most messages that wait for the main isolate"),
        )
        .arg(flag(
            "trace-gc",
            "Prints each collection: isolate, kind, pause, bytes before and after",
        ))
        .arg(flag(
            "verify-isolation",
            "Checks after each collection and send that no isolate refers into another",
        ))
        .arg(flag(
            "no-cache",
            "Compiles the program even if it is in the cache of compiled programs",
        ))
        .arg(flag("trace-cache", "Says whether the program was in the cache").hide(true))
        .arg(number("gc-stress").help("Collects at every n-th allocation and verifies the heap"))
        .arg(
            flag(
                "count-allocations",
                "Says at the end how many objects the main isolate has allocated",
            )
            .hide(true),
        )
        .arg(number("workers").help("Threads that run isolates"));
    Command::new("eyot")
        .about("Runs Dart programs with isolates")
        .version("0.1.0 (Dart 3.13)")
        .override_usage("eyot [run] [OPTIONS] FILE [ARGS]...\n       eyot check [OPTIONS] FILE\n       eyot disasm [OPTIONS] FILE\n       eyot cache [clean]")
        .after_help("FILE is a path or a file: URI. `eyot run --help` lists the options.")
        .arg_required_else_help(true)
        .disable_help_subcommand(true)
        .subcommand(run)
        .subcommand(
            program_command("check", "Reports the compile-time errors of a program or library")
                .arg(flag("enable-asserts", "Evaluates `assert`")),
        )
        .subcommand(
            Command::new("cache")
                .about("Says what the cache of compiled programs holds, or empties it")
                .arg(
                    Arg::new("do")
                        .value_name("clean")
                        .value_parser(["clean"])
                        .help("Removes all compiled programs"),
                ),
        )
        .subcommand(
            program_command("disasm", "Prints the typed bytecode of a program")
                .arg(flag("enable-asserts", "Evaluates `assert`"))
                .arg(
                    Arg::new("core")
                        .long("core")
                        .value_name("PART")
                        .hide(true)
                        .help("Prints the core functions whose names contain PART instead"),
                )
                .mut_arg("file", |file| file.required_unless_present("core").required(false)),
        )
}

/// A command about one program.
fn program_command(name: &'static str, about: &'static str) -> Command {
    Command::new(name)
        .about(about)
        .arg(
            Arg::new("packages")
                .long("packages")
                .value_name("FILE")
                .value_parser(value_parser!(std::path::PathBuf))
                .help("The package configuration [default: the nearest .dart_tool/package_config.json]"),
        )
        .arg(
            Arg::new("define")
                .short('D')
                .long("define")
                .value_name("NAME=VALUE")
                .action(ArgAction::Append)
                .value_parser(parse_define)
                .help("Declares a value for `String.fromEnvironment` and the like"),
        )
        .arg(flag("no-ffi", "Runs the program without `dart:ffi`"))
        .arg(flag(
            "experimental-shared-data",
            "Lets isolates share variables ('vm:shared') and locks (`dart:concurrent`)",
        ))
        .arg(
            number("analysis-threads").help("Threads that analyse the program"),
        )
        .arg(
            Arg::new("file")
                .value_name("FILE")
                .required(true)
                .value_parser(value_parser!(std::path::PathBuf))
                .help("The program: a path or a file: URI"),
        )
}

fn flag(name: &'static str, help: &'static str) -> Arg {
    Arg::new(name)
        .long(name)
        .action(ArgAction::SetTrue)
        .help(help)
}

fn limit(
    name: &'static str,
    value: &'static str,
    parser: impl Into<clap::builder::ValueParser>,
) -> Arg {
    Arg::new(name)
        .long(name)
        .value_name(value)
        .value_parser(parser.into())
}

fn number(name: &'static str) -> Arg {
    Arg::new(name)
        .long(name)
        .hide(true)
        .value_name("N")
        .value_parser(value_parser!(u32).range(1..))
}

fn parse_define(text: &str) -> Result<(String, String), String> {
    match text.split_once('=') {
        Some(("", _)) => Err("the name is missing; write -DNAME=VALUE".to_owned()),
        Some((name, value)) => Ok((name.to_owned(), value.to_owned())),
        None => Ok((text.to_owned(), String::new())),
    }
}

fn invocation(
    name: &str,
    matches: &ArgMatches,
    arguments: &[OsString],
    behind: &[OsString],
) -> Invocation {
    if name == "cache" {
        return cache_invocation(matches);
    }
    let script = matches.get_one::<std::path::PathBuf>("file");
    let script = Script::new(script.map_or(std::path::Path::new(""), |path| path));
    let (action, options) = match name {
        "check" => (Action::Check, Options::default()),
        "disasm" => {
            let part = matches.get_one::<String>("core").cloned();
            let action = part.map_or(Action::Disassemble, Action::DisassembleCore);
            (action, Options::default())
        }
        _ => {
            let arguments = texts(behind);
            (Action::Run { arguments }, run_options(matches))
        }
    };
    // Behind the command come the flags, and at the end the program.
    let flags = arguments.get(2..arguments.len().saturating_sub(1));
    Invocation {
        action,
        script,
        options: Options {
            packages: matches.get_one("packages").cloned(),
            defines: matches
                .get_many("define")
                .into_iter()
                .flatten()
                .cloned()
                .collect(),
            enable_asserts: matches.get_flag("enable-asserts"),
            analysis_threads: matches
                .get_one::<u32>("analysis-threads")
                .map(|&count| count as usize),
            forbid_ffi: matches.get_flag("no-ffi"),
            experimental_shared_data: matches.get_flag("experimental-shared-data"),
            ..options
        },
        flags: texts(flags.unwrap_or_default()),
        count_allocations: name == "run" && matches.get_flag("count-allocations"),
    }
}

fn cache_invocation(matches: &ArgMatches) -> Invocation {
    Invocation {
        action: match matches.get_one::<String>("do") {
            Some(_) => Action::CacheClean,
            None => Action::CacheInfo,
        },
        script: Script::new(""),
        options: Options::default(),
        flags: Vec::new(),
        count_allocations: false,
    }
}

fn run_options(matches: &ArgMatches) -> Options {
    let cache = match matches.get_flag("no-cache") {
        true => None,
        false => eyot::cache::default_directory(),
    };
    Options {
        cache,
        trace_cache: matches.get_flag("trace-cache"),
        max_heap_bytes: matches.get_one::<usize>("max-heap").copied(),
        max_cpu: matches.get_one("max-cpu").copied(),
        max_time: matches.get_one("max-time").copied(),
        max_mailbox: matches
            .get_one::<u32>("max-mailbox")
            .map(|&count| count as usize),
        trace_gc: matches.get_flag("trace-gc"),
        verify_isolation: matches.get_flag("verify-isolation"),
        workers: matches
            .get_one::<u32>("workers")
            .map(|&count| count as usize),
        gc_stress: matches.get_one::<u32>("gc-stress").copied(),
        ..Options::default()
    }
}

fn texts(arguments: &[OsString]) -> Vec<String> {
    let texts = arguments
        .iter()
        .map(|text| text.to_string_lossy().into_owned());
    texts.collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parsed(line: &str) -> Invocation {
        parse(line.split(' ').map(OsString::from))
            .unwrap_or_else(|_| panic!("{line} is understood"))
    }

    fn arguments(line: &str) -> Vec<String> {
        match parsed(line).action {
            Action::Run { arguments } => arguments,
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn run_may_be_left_out() {
        assert_eq!(arguments("eyot run a.dart x"), ["x"]);
        assert_eq!(arguments("eyot a.dart x"), ["x"]);
        assert_eq!(arguments("eyot --enable-asserts a.dart x"), ["x"]);
    }

    #[test]
    fn flags_may_stand_before_the_command() {
        let invocation = parsed("eyot --gc-stress 7 --no-ffi run a.dart x");
        assert_eq!(invocation.options.gc_stress, Some(7));
        assert_eq!(invocation.flags, ["--gc-stress", "7", "--no-ffi"]);
        assert!(matches!(
            parsed("eyot -D a check a.dart").action,
            Action::Check
        ));
        assert_eq!(arguments("eyot a.dart run"), ["run"]);
        let answer = parse(
            ["eyot", "--gc-stress", "7", "--version"]
                .map(OsString::from)
                .into_iter(),
        );
        assert_eq!(answer.err().map(|answer| answer.status), Some(0));
    }

    #[test]
    fn everything_behind_the_file_is_the_programs() {
        assert_eq!(
            arguments("eyot a.dart --enable-asserts -D x -- y --help"),
            ["--enable-asserts", "-D", "x", "--", "y", "--help"]
        );
        assert_eq!(arguments("eyot run a.dart check"), ["check"]);
        assert!(
            !parsed("eyot a.dart --enable-asserts")
                .options
                .enable_asserts
        );
    }

    #[test]
    fn flags_are_kept_for_the_program_to_start_itself_again() {
        assert_eq!(
            parsed("eyot --enable-asserts -D a=b x.dart y z").flags,
            ["--enable-asserts", "-D", "a=b"]
        );
        assert_eq!(parsed("eyot run x.dart y").flags, Vec::<String>::new());
    }

    #[test]
    fn defines_have_two_forms() {
        let options = parsed("eyot -Da=1 -D b=x=y x.dart").options;
        let pair = |name: &str, value: &str| (name.to_owned(), value.to_owned());
        assert_eq!(options.defines, [pair("a", "1"), pair("b", "x=y")]);
    }

    #[test]
    fn wrong_usage_has_its_own_status() {
        let status = |line: &str| {
            parse(line.split(' ').map(OsString::from))
                .err()
                .map(|answer| answer.status)
        };
        assert_eq!(status("eyot --no-such-flag a.dart"), Some(64));
        assert_eq!(status("eyot check"), Some(64));
        assert_eq!(status("eyot --max-heap=no a.dart"), Some(64));
        assert_eq!(status("eyot --version"), Some(0));
        assert_eq!(status("eyot --help"), Some(0));
    }
}
