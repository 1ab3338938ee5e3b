//! The attribute `#[flow_function]`: makes a flow function of a Rust function.
//!
//! The way through this crate: `lib.rs` finds the definition file beside the source, `definition` reads it, `expand`
//! has `flowsource` check the signature against it and writes the code, and `package` tells whether that is a module's.

mod definition;
mod expand;
mod package;

use definition::Definition;
use flowsource::Draft;
use proc_macro2::{Span, TokenStream};
use std::env;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};
use syn::{Error, ItemFn};

/// Makes a flow function of the Rust function it is put on.
///
/// The function's definition is the file beside the source that has the same name and the extension `toml`. The
/// function has one parameter for each input of the definition, in the same order and of the same name (with `_` for
/// `-`; a leading `_` may mark one that is not used, and an unnamed input may be called anything); each has a type
/// that is `flowcore::authoring::FromValue`. Or it has one parameter `inputs: &[Value]`, and gets all values as they
/// are. It returns what is `flowcore::authoring::IntoResult`: mostly `Result<(Option<Value>, RunAgain)>`. `Value` may be
/// that of `flowcore` or that of `serde_json`.
///
/// Beside the function, which stays as it is, this makes a unit struct that implements `flowcore::Implementation`.
/// Its name is that of the definition in camel case, its documentation the page named by `docs`. A call with another
/// number of values than the definition has inputs, or with a value that its parameter does not take, is an error of
/// the job, and the function is not called.
///
/// In a package whose library is a `cdylib`, compiled for `wasm32-unknown-unknown`, it also makes the exports of a
/// module: see `flowcore::export_module!`. There is one such function in a package then.
///
/// ```text
/// // scale.rs, beside a scale.toml with `function = "scale"` and the inputs `value` and `unit`
/// #[flow_function]
/// fn scale(value: f64, unit: &str) -> Result<(Option<Value>, RunAgain)> {
///     flow_output!(if unit == "km" { value * 1000.0 } else { value })
/// }
/// // makes `pub struct Scale` with `impl Implementation for Scale`
/// ```
///
/// # Errors
///
/// A definition that is missing or cannot be read, another number of parameters than inputs, a parameter that is not
/// called as its input is, or whose type takes no value that the input admits, are errors of compilation. Where the
/// definition is missing, the error shows the one that the function suggests; nothing is written.
#[proc_macro_attribute]
pub fn flow_function(
    attribute: proc_macro::TokenStream,
    function: proc_macro::TokenStream,
) -> proc_macro::TokenStream {
    let function = TokenStream::from(function);
    let code = beside_source(&function)
        .and_then(|definition| {
            expand::flow_function(attribute.into(), function.clone(), &definition, in_module())
        })
        // The function stays, so that its own errors and its callers are still judged.
        .unwrap_or_else(|error| TokenStream::from_iter([function, error.into_compile_error()]));
    code.into()
}

/// Reads the definition beside the file the attribute is used in.
fn beside_source(function: &TokenStream) -> syn::Result<Definition> {
    let here = |message: String| Error::new(Span::call_site(), message);
    let Some(source) = proc_macro::Span::call_site().local_file() else {
        return Err(here("`flow_function` cannot tell which file it is used in".to_owned()));
    };
    let path: PathBuf = source.with_extension("toml");
    let text = match std::fs::read_to_string(&path) {
        Ok(text) => text,
        Err(error) if error.kind() == ErrorKind::NotFound => {
            return Err(here(missing(&source, function.clone())?));
        }
        Err(error) => {
            let path = path.display();
            return Err(here(format!("the definition of this function, `{path}`, cannot be read: {error}")));
        }
    };
    let file = path.file_name().unwrap_or_default().to_string_lossy();
    Definition::parse(&file, &text).map_err(|problem| here(format!("`{}`: {problem}", path.display())))
}

/// The message about a definition that there is not, with the one that the function suggests.
fn missing(source: &Path, function: TokenStream) -> syn::Result<String> {
    let path = source.with_extension("toml");
    let page = source.with_extension("md");
    let name = |path: &Path| path.file_name().unwrap_or_default().to_string_lossy().into_owned();
    let draft = Draft::of(&syn::parse2::<ItemFn>(function)?)?;
    let docs = page.exists().then(|| name(&page));
    let text = draft.text(&name(source), docs.as_deref());
    let (path, source) = (path.display(), source.display());
    Ok(format!(
        "the definition of this function, `{path}`, does not exist; \
         it could be this one, which `flowc new --definition {source}` writes:\n\n{text}"
    ))
}

/// Whether what is compiled is a module.
fn in_module() -> bool {
    env::var_os("CARGO_MANIFEST_DIR")
        .is_none_or(|folder| package::is_module(&Path::new(&folder).join("Cargo.toml")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_error_about_a_missing_definition_shows_one() {
        let folder = tempfile::tempdir().unwrap();
        let source = folder.path().join("scale.rs");
        let function = "/// Scales.\nfn scale(value: f64) -> R { flow_output!(value) }";
        let message = || missing(&source, function.parse().unwrap()).unwrap();
        let expected = "scale.rs` writes:\n\nfunction = \"scale\"\nsource = \"scale.rs\"\n";
        assert!(message().contains(expected), "{}", message());
        assert!(!message().contains("docs"));
        std::fs::write(folder.path().join("scale.md"), "").unwrap();
        assert!(message().contains("docs = \"scale.md\"\n"));
        assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 1, "nothing is written");
    }
}
