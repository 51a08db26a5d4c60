//! What no linter checks of the protos: the names of requests and responses, and that each field says whether it
//! is given or answered.

use std::collections::HashMap;

use prost::{DecodeError, Message as _};
use prost_types::{DescriptorProto, FileDescriptorProto, FileDescriptorSet};

const BEHAVIOURS: [&str; 4] = ["Required.", "Optional.", "Output only.", "Immutable."];

// Field numbers in descriptor.proto; a comment is found by the path of these and of indices.
const FILE_MESSAGE: i32 = 4;
const MESSAGE_FIELD: i32 = 2;
const MESSAGE_NESTED: i32 = 3;

fn our_files() -> Result<Vec<FileDescriptorProto>, DecodeError> {
    let set = FileDescriptorSet::decode(tranche_proto::FILE_DESCRIPTOR_SET)?;
    let files: Vec<_> = set.file.into_iter().filter(|file| file.package() == "tranche.v1").collect();
    assert!(!files.is_empty(), "no file of tranche.v1 in the descriptor set");
    Ok(files)
}

/// Collects the fields of a message and of those nested in it whose comment does not end with a behaviour.
fn fields_without_behaviour(
    message: &DescriptorProto,
    path: &[i32],
    comments: &HashMap<&[i32], &str>,
    found: &mut Vec<String>,
) {
    if message.options.as_ref().is_some_and(prost_types::MessageOptions::map_entry) {
        return;
    }
    for (position, field) in (0..).zip(&message.field) {
        let field_path = [path, &[MESSAGE_FIELD, position]].concat();
        let comment = comments.get(field_path.as_slice()).map_or("", |comment| comment.trim());
        // The behaviour may follow a line break in the middle of it.
        let words = comment.split_whitespace().collect::<Vec<_>>().join(" ");
        if !BEHAVIOURS.iter().any(|behaviour| words.ends_with(behaviour)) {
            found.push(format!("{}.{}: {words:?}", message.name(), field.name()));
        }
    }
    for (position, nested) in (0..).zip(&message.nested_type) {
        let nested_path = [path, &[MESSAGE_NESTED, position]].concat();
        fields_without_behaviour(nested, &nested_path, comments, found);
    }
}

#[test]
fn every_field_comment_ends_with_its_behaviour() -> Result<(), DecodeError> {
    let mut found = Vec::new();
    for file in &our_files()? {
        let source = file.source_code_info.as_ref().expect("the build keeps the comments");
        let comments =
            source.location.iter().map(|place| (place.path.as_slice(), place.leading_comments())).collect();
        for (position, message) in (0..).zip(&file.message_type) {
            fields_without_behaviour(message, &[FILE_MESSAGE, position], &comments, &mut found);
        }
    }
    assert!(found.is_empty(), "without a behaviour:\n{}", found.join("\n"));
    Ok(())
}

#[test]
fn every_method_has_a_request_and_a_response_of_its_own() -> Result<(), DecodeError> {
    let mut methods = 0;
    for file in &our_files()? {
        for method in file.service.iter().flat_map(|service| &service.method) {
            let name = method.name();
            assert_eq!(method.input_type(), format!(".tranche.v1.{name}Request"), "request of {name}");
            assert_eq!(method.output_type(), format!(".tranche.v1.{name}Response"), "response of {name}");
            assert!(!method.client_streaming(), "{name} streams from the client");
            methods += 1;
        }
    }
    assert_eq!(methods, 33, "the number of methods of the API");
    Ok(())
}

#[test]
fn only_well_known_types_are_imported() -> Result<(), DecodeError> {
    for file in &our_files()? {
        for import in &file.dependency {
            assert!(
                import.starts_with("tranche/v1/") || import.starts_with("google/protobuf/"),
                "{} imports {import}",
                file.name()
            );
        }
    }
    Ok(())
}
