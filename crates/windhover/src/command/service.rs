//! `windhover service NAME [ADDRESS]`: asks a service for its numbers once and prints them, or says why there are none.
//! Needs neither settings nor a server.

use clap::builder::PossibleValuesParser;
use clap::{Arg, ArgAction, ArgMatches, Command};
use discover::pull::{self, Network, Puller, ROWS, Recording, Target};
use std::path::PathBuf;
use std::process::ExitCode;
use stdx::clock::{Clock, SystemClock};

const EXAMPLES: &str = "\
Examples:
  windhover service redis 127.0.0.1:6379
  windhover service nginx http://127.0.0.1/nginx_status
  windhover service postgresql /run/postgresql/.s.PGSQL.5432 --user windhover
  windhover service redis tls://127.0.0.1:6380
  windhover service mysql /run/mysqld/mysqld.sock";
const ABOUT_PASSWORD: &str =
    "A file whose first line is the password; $WINDHOVER_SERVICE_PASSWORD does as well";

/// The command line.
pub fn command() -> Command {
    let value = |name: &'static str, of: &'static str, help: &'static str| {
        Arg::new(name).long(name).value_name(of).help(help).action(ArgAction::Set)
    };
    Command::new("service")
        .about("Asks a service (redis, postgresql …) for its numbers once and prints them")
        .before_help(EXAMPLES)
        .arg(
            Arg::new("name")
                .value_name("NAME")
                .required(true)
                .value_parser(PossibleValuesParser::new(ROWS.iter().map(|row| row.name)))
                .help("Which service"),
        )
        .arg(Arg::new("address").value_name("ADDRESS").default_value("").hide_default_value(true).help(
            "host:port, the path of a unix socket, or the address of a page [default: its usual port on this host]",
        ))
        .arg(value("user", "USER", "Who we are to the service"))
        .arg(value("password-file", "FILE", ABOUT_PASSWORD))
        .arg(value("ca", "FILE", "Authorities that vouch for it, in PEM [default: the public ones; at home nobody has to]"))
        .arg(value("certificate", "FILE", "Our certificate in PEM, for services that ask for one").requires("key"))
        .arg(value("key", "FILE", "Its key").requires("certificate"))
        .arg(value("database", "NAME", "Database to connect to, where a service wants one"))
        .arg(value("as", "UID:GID", "Connect to a unix socket as this user of the system (only root may)"))
        .arg(value("record", "FOLDER", "Also write down every byte the service says, for a report"))
}

/// Asks, prints, and gives the exit code: 0 when the service answered.
pub fn run(matches: &ArgMatches) -> ExitCode {
    match ask(matches) {
        Ok(problem) if problem.is_empty() => ExitCode::SUCCESS,
        Ok(problem) => {
            eprintln!("{problem}");
            ExitCode::FAILURE
        }
        Err(why) => {
            eprintln!("{why}");
            ExitCode::from(2)
        }
    }
}

/// Prints the numbers; gives what the service did not tell, and why.
fn ask(matches: &ArgMatches) -> Result<String, String> {
    let text = |name: &str| matches.get_one::<String>(name).map_or("", String::as_str);
    let row = pull::named(text("name")).expect("clap admits the rows");
    let mut target = Target::parse(text("address"), row)?;
    complete(&mut target, matches)?;
    let mut puller = Puller::new(row, target, Vec::new());
    if let Some(folder) = matches.get_one::<String>("record").map(PathBuf::from) {
        std::fs::create_dir_all(&folder).map_err(|e| format!("{}: {e}", folder.display()))?;
        puller = puller.through(Box::new(Recording::new(Network, folder)), 0);
    }
    print!("{}", pull::listing(puller.pull(SystemClock.now_ms()), &[]));
    Ok(puller.standing().problem.clone())
}

fn complete(target: &mut Target, matches: &ArgMatches) -> Result<(), String> {
    let given = |name: &str| matches.get_one::<String>(name);
    if let Some(user) = given("user") {
        user.clone_into(&mut target.user);
    }
    if let Some(database) = given("database") {
        database.clone_into(&mut target.database);
    }
    target.papers.ca_file = given("ca").map(PathBuf::from).unwrap_or_default();
    let (certificate, key) = (given("certificate"), given("key"));
    target.papers.identity = certificate.zip(key).map(|(certificate, key)| (certificate.into(), key.into()));
    if let Some(file) = given("password-file") {
        let text = std::fs::read_to_string(file).map_err(|e| format!("{file}: {e}"))?;
        text.lines().next().unwrap_or_default().clone_into(&mut target.password);
    } else if let Ok(password) = std::env::var("WINDHOVER_SERVICE_PASSWORD") {
        target.password = password;
    }
    if let Some(user) = given("as") {
        let ids =
            user.split_once(':').and_then(|(user, group)| Some((user.parse().ok()?, group.parse().ok()?)));
        target.place.user = Some(ids.ok_or_else(|| format!("--as: `{user}` is not UID:GID"))?);
    }
    Ok(())
}
