//! Writes the registry of the library from its definitions, so that the two cannot differ.
//!
//! Every `src/**/*.toml` becomes an entry of `DEFINITIONS`, every function among them one of `IMPLEMENTATIONS`. The
//! latter names the struct that `#[flow_function]` makes, so a definition without code does not compile; code without
//! definition is refused here, as is a file that is not where its name says.

use std::error::Error;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::{env, fs};

type Result<T> = std::result::Result<T, Box<dyn Error>>;

fn main() -> Result<()> {
    println!("cargo::rerun-if-changed=build.rs");
    println!("cargo::rerun-if-changed=src");
    let source = PathBuf::from(env::var("CARGO_MANIFEST_DIR")?).join("src");
    let mut definitions = Vec::new();
    collect(&source, "", &mut definitions)?;
    definitions.sort();
    let registry = PathBuf::from(env::var("OUT_DIR")?).join("registry.rs");
    fs::write(registry, write_registry(&source, &definitions)?)?;
    Ok(())
}

/// Adds the definitions below `folder`, as paths below `src` with `/` between names.
fn collect(folder: &Path, prefix: &str, definitions: &mut Vec<String>) -> Result<()> {
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        let Some(name) = path.file_name().and_then(|name| name.to_str()) else { continue };
        if path.is_dir() {
            collect(&path, &format!("{prefix}{name}/"), definitions)?;
        } else if name.ends_with(".toml") {
            definitions.push(format!("{prefix}{name}"));
        } else if is_function_code(&path) && !path.with_extension("toml").exists() {
            return Err(format!("{} has no definition beside it", path.display()).into());
        }
    }
    Ok(())
}

/// Whether this is `<name>/<name>.rs`: shared code lives one folder up, beside `mod.rs`.
fn is_function_code(path: &Path) -> bool {
    let folder = path.parent().and_then(Path::file_name);
    path.extension().is_some_and(|extension| extension == "rs") && path.file_stem() == folder
}

fn write_registry(source: &Path, definitions: &[String]) -> Result<String> {
    let mut texts = String::new();
    let mut functions = Vec::new();
    for path in definitions {
        // Seen from the package, which may be elsewhere when this text is compiled again.
        let file = format!("/src/{path}");
        writeln!(texts, "    ({path:?}, include_str!(concat!(env!(\"CARGO_MANIFEST_DIR\"), {file:?}))),")?;
        let definition: toml::Table = fs::read_to_string(source.join(path))?.parse()?;
        let name = |key: &str| definition.get(key).and_then(toml::Value::as_str);
        match (name("function"), name("flow")) {
            (Some(function), None) => functions.push(function_route(path, function)?),
            (None, Some(flow)) if Path::new(path).file_stem().is_some_and(|stem| stem == flow) => {}
            (None, Some(flow)) => return Err(format!("{path} names the flow `{flow}`").into()),
            _ => return Err(format!("{path} defines neither a function nor a flow").into()),
        }
    }
    // In the order of the URLs, which is not quite that of the files.
    functions.sort();
    let mut table = String::new();
    for route in functions {
        writeln!(table, "    ({:?}, &crate::{}),", format!("lib://flowstdlib/{route}"), item_path(&route))?;
    }
    Ok(format!(
        "/// The definition files of the library's functions and flows: path below the library's root, and text.\n\
         /// Sorted by path.\n\
         pub static DEFINITIONS: &[(&str, &str)] = &[\n{texts}];\n\n\
         static IMPLEMENTATIONS: &[(&str, &dyn flowcore::Implementation)] = &[\n{table}];\n"
    ))
}

/// `math/add` for `math/add/add.toml`: where a function is found under the library's URL.
fn function_route(path: &str, function: &str) -> Result<String> {
    let route = path.rsplit_once('/').unwrap_or_default().0;
    if path == format!("{route}/{function}.toml") && route.ends_with(&format!("/{function}")) {
        Ok(route.to_owned())
    } else {
        Err(format!(
            "{path} defines the function `{function}`: it belongs in <module>/{function}/{function}.toml"
        )
        .into())
    }
}

/// `math::range_split::RangeSplit` for `math/range_split`.
fn item_path(route: &str) -> String {
    let function = route.rsplit('/').next().unwrap_or_default();
    let capitalize = |part: &str| {
        let mut rest = part.chars();
        rest.next().map(|first| first.to_uppercase().chain(rest).collect::<String>()).unwrap_or_default()
    };
    let name: String = function.split('_').map(capitalize).collect();
    format!("{}::{name}", route.replace('/', "::"))
}
