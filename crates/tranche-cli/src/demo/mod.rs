//! The main job, played over real gRPC and real HTTP, and both sides' books compared at the end.

mod audit;
mod second_thoughts;
mod story;
mod tables;
mod world;

use crate::CommandError;
use crate::provider::fault_name;
use story::Story;
use world::World;

#[derive(Debug, clap::Args)]
pub(crate) struct DemoArguments {
    /// Stays in the foreground until Ctrl-C, and prints grpcurl commands to try.
    #[arg(long, env = "TRANCHE_DEMO_KEEP")]
    keep: bool,
    /// Makes the provider misbehave, to see that the demo notices: settle-less, settle-twice or forget.
    #[arg(long, env = "TRANCHE_DEMO_FAULT", value_name = "FAULT", value_parser = fault_name)]
    fault: Option<String>,
}

/// Why the demo did not end well.
#[derive(Debug, thiserror::Error)]
pub(crate) enum DemoError {
    /// Something around it failed.
    #[error(transparent)]
    World(#[from] CommandError),
    /// The server refused a step.
    #[error("{step} was refused: {status}")]
    Refused {
        /// What was tried.
        step: String,
        /// What the server said.
        status: Box<tonic::Status>,
    },
    /// A step did not come to rest, or not to where it should.
    #[error("{0}")]
    Unsettled(String),
    /// The two sides' books differ.
    #[error("the books differ:\n  {}", .0.join("\n  "))]
    Books(Vec<String>),
}

/// Runs the demo.
pub(crate) async fn run(arguments: DemoArguments) -> Result<(), CommandError> {
    let world = World::start(arguments.fault.as_deref()).await?;
    let played = play(&world).await;
    if arguments.keep && played.is_ok() {
        world.keep().await?;
    }
    world.stop().await;
    match played {
        Ok(summary) => {
            println!("{summary}");
            Ok(())
        }
        Err(DemoError::World(error)) => Err(error),
        Err(error) => Err(CommandError(format!("demo: failed: {error}"))),
    }
}

async fn play(world: &World) -> Result<String, DemoError> {
    let mut story = Story::new(world);
    let told = story.tell().await;
    // A story that broke off has books too, and they say where the money is.
    let differences = audit::differences(world, story.transactions()).await?;
    let calls = audit::calls(world).await?;
    if !differences.is_empty() {
        return Err(DemoError::Books(differences));
    }
    told?;
    Ok(format!("demo: ok - {} invoices, {calls} provider calls, books agree", story.invoices()))
}
