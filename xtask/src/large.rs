//! Large flows, written to be compiled: how the cost grows with their size shows what is not linear.

use crate::Result;
use std::fmt::Write as _;
use std::fs;
use std::path::Path;

/// How many functions each sub-flow has.
const FUNCTIONS: usize = 5;

/// What a large flow is made of.
#[derive(Clone, Copy)]
pub(crate) enum Shape {
    /// Sub-flows one behind the other, each with a file of its own.
    Files,
    /// The same with one file for all of them.
    OneFile,
    /// A chain of functions in the root flow, whose results nobody uses.
    DeadChain,
}

/// Writes a flow with so many functions, and a few more to start and to end with, into an empty directory.
pub(crate) fn write(shape: Shape, functions: usize, directory: &Path) -> Result<()> {
    fs::create_dir_all(directory)?;
    let mut root = String::from("flow = \"root\"\n");
    process(&mut root, "get", "context://args/get", "")?;
    process(&mut root, "stdout", "context://stdio/stdout", "")?;
    match shape {
        Shape::DeadChain => {
            connection(&mut root, "get/json/1", "stdout")?;
            chain(&mut root, functions)?;
            connection(&mut root, "get/json/1", "f0/i1")?;
        }
        Shape::Files | Shape::OneFile => {
            let flows = functions.div_ceil(FUNCTIONS);
            connection(&mut root, "get/json/1", "s0/in")?;
            for number in 0..flows {
                let source = match shape {
                    Shape::OneFile => "sub".to_owned(),
                    Shape::Files | Shape::DeadChain => format!("sub{number}"),
                };
                process(&mut root, &format!("s{number}"), &source, "")?;
                let next = number + 1;
                let next = if next < flows { format!("s{next}/in") } else { "stdout".to_owned() };
                connection(&mut root, &format!("s{number}/out"), &next)?;
                if matches!(shape, Shape::Files) || number == 0 {
                    fs::write(directory.join(source).with_extension("toml"), sub_flow()?)?;
                }
            }
        }
    }
    Ok(fs::write(directory.join("root.toml"), root)?)
}

/// A flow that adds to what comes in.
fn sub_flow() -> Result<String> {
    let mut text = String::from("flow = \"sub\"\n");
    for (direction, name) in [("input", "in"), ("output", "out")] {
        write!(text, "\n[[{direction}]]\nname = \"{name}\"\ntype = \"number\"\n")?;
    }
    chain(&mut text, FUNCTIONS)?;
    connection(&mut text, "input/in", "f0/i1")?;
    connection(&mut text, &format!("f{}", FUNCTIONS - 1), "output/out")?;
    Ok(text)
}

/// Functions that each add one to what the one before them gives.
fn chain(text: &mut String, functions: usize) -> Result<()> {
    for number in 0..functions {
        let alias = format!("f{number}");
        process(text, &alias, "lib://flowstdlib/math/add", "input.i2 = { always = 1 }\n")?;
        if number + 1 < functions {
            connection(text, &alias, &format!("f{}/i1", number + 1))?;
        }
    }
    Ok(())
}

fn process(text: &mut String, alias: &str, source: &str, more: &str) -> Result<()> {
    // Context functions keep their names.
    let alias = if source.starts_with("context:") { String::new() } else { format!("alias = \"{alias}\"\n") };
    Ok(write!(text, "\n[[process]]\n{alias}source = \"{source}\"\n{more}")?)
}

fn connection(text: &mut String, from: &str, to: &str) -> Result<()> {
    Ok(write!(text, "\n[[connection]]\nfrom = \"{from}\"\nto = \"{to}\"\n")?)
}
