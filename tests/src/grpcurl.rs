//! A real grpcurl: a client that knows the API only by what the server says about itself.

use std::path::{Path, PathBuf};

use crate::patience::must;
use crate::process::{Ended, run};

/// Names the program.
pub const GRPCURL_VARIABLE: &str = "TRANCHE_TEST_GRPCURL";

/// The program, with the address that it is to call.
#[derive(Clone, Debug)]
pub struct Grpcurl {
    program: PathBuf,
    address: String,
}

impl Grpcurl {
    /// The program that the environment names, else the one that `./test` installed.
    ///
    /// # Panics
    ///
    /// When there is none.
    pub fn new(address: &str) -> Self {
        let installed = Path::new(env!("CARGO_MANIFEST_DIR")).join("../target/tools/bin/grpcurl");
        let program = std::env::var_os(GRPCURL_VARIABLE).map_or(installed, PathBuf::from);
        let found = if program.exists() { Ok(program) } else { Err(program.display().to_string()) };
        let program =
            must("no grpcurl; set TRANCHE_TEST_GRPCURL, or run ./test once, which installs it", found);
        Self { program, address: address.to_owned() }
    }

    /// `grpcurl -plaintext [-d BODY] ADDRESS WORDS…`
    pub async fn run(&self, body: Option<&str>, words: &[&str]) -> Ended {
        let mut arguments = vec!["-plaintext", "-max-time", "20"];
        if let Some(body) = body {
            arguments.extend(["-d", body]);
        }
        arguments.push(&self.address);
        arguments.extend(words);
        run(&self.program, &arguments).await
    }

    /// What it prints when it succeeds.
    ///
    /// # Panics
    ///
    /// When it fails, with what it said.
    pub async fn ask(&self, body: Option<&str>, words: &[&str]) -> String {
        let ended = self.run(body, words).await;
        let result = if ended.success { Ok(ended.stdout) } else { Err(ended.stderr) };
        must(&format!("grpcurl {words:?} {body:?}"), result)
    }
}
