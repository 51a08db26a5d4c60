//! The binary `tranche`; the library does everything.

fn main() -> std::process::ExitCode {
    tranche_cli::main()
}
