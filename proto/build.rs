//! Compiles the protos with protox, so that no `protoc` is needed, and keeps their descriptors for reflection.

use std::{env, error::Error, fs, path::PathBuf};

use prost::Message as _;

fn main() -> Result<(), Box<dyn Error>> {
    println!("cargo:rerun-if-changed=build.rs");
    println!("cargo:rerun-if-changed=tranche");

    let mut files = Vec::new();
    for entry in fs::read_dir("tranche/v1")? {
        let path = entry?.path();
        if path.extension().is_some_and(|extension| extension == "proto") {
            files.push(path);
        }
    }
    files.sort();

    // Imports and comments are kept: reflection needs the ones, grpcurl prints the others.
    let descriptors = protox::compile(&files, ["."])?;
    let out = PathBuf::from(env::var_os("OUT_DIR").ok_or("cargo sets OUT_DIR")?);
    fs::write(out.join("descriptors.bin"), descriptors.encode_to_vec())?;

    // In the order of their names, so that the same answer is the same bytes.
    let settings = ["Connector", "CreateConnectorRequest", "UpdateConnectorRequest"];
    let build = tonic_prost_build::configure().build_client(true).build_server(true);
    let build = settings
        .iter()
        .fold(build, |build, message| build.btree_map(format!(".tranche.v1.{message}.settings")));
    build.compile_fds(descriptors)?;
    Ok(())
}
