//! The binary `tranche` under a name of the tests' own, so that they start what was built with them.

fn main() -> std::process::ExitCode {
    tranche_cli::main()
}
