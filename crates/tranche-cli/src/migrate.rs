//! `tranche migrate`: a database's schema.

use tranche_server::store::{migrate_down, migrate_status, migrate_up};

use crate::CommandError;

#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  tranche migrate up --database postgres://tranche@127.0.0.1/tranche
  tranche migrate status --database sqlite:tranche.db

Servers that run need the schema that they were built for: migrate up before the first new server starts.")]
pub(crate) struct MigrateArguments {
    /// Where to: `up` brings the schema to what this program needs, `down` removes it WITH ALL DATA, `status` tells.
    #[arg(value_enum)]
    direction: Direction,
    /// The database: `sqlite:PATH` or `postgres://USER:PASSWORD@HOST/NAME`.
    #[arg(long, env = "TRANCHE_DATABASE", default_value = crate::serve::DATABASE_DEFAULT, hide_env_values = true)]
    database: String,
    /// Says that `down` is meant: it removes every order, payment and event.
    #[arg(long, env = "TRANCHE_REMOVE_ALL_DATA")]
    remove_all_data: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
enum Direction {
    /// Brings the schema to what this program needs.
    Up,
    /// Removes the schema with all data.
    Down,
    /// Tells which steps are applied.
    Status,
}

/// Runs the command.
pub(crate) async fn run(arguments: MigrateArguments) -> Result<(), CommandError> {
    let url = &arguments.database;
    let failed = |error| CommandError::new("the schema cannot be migrated", &error);
    match arguments.direction {
        Direction::Up => print_steps("applied", &migrate_up(url).await.map_err(failed)?),
        Direction::Down if !arguments.remove_all_data => {
            let text = "`migrate down` removes every order, payment and event; say so with --remove-all-data";
            return Err(CommandError(text.to_owned()));
        }
        Direction::Down => print_steps("removed", &migrate_down(url).await.map_err(failed)?),
        Direction::Status => {
            for step in migrate_status(url).await.map_err(failed)? {
                println!("{} {}", if step.is_applied { "applied" } else { "pending" }, step.name);
            }
        }
    }
    Ok(())
}

fn print_steps(verb: &str, steps: &[String]) {
    if steps.is_empty() {
        println!("nothing to do");
    }
    for step in steps {
        println!("{verb} {step}");
    }
}
