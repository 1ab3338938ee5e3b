//! The attribute `#[flow_function]`: makes a flow function of a Rust function.
//!
//! The way through this crate: `lib.rs` finds the definition file beside the source, `definition` reads it, `expand`
//! checks the signature against it and writes the code.

mod definition;
mod expand;

use definition::Definition;
use proc_macro2::{Span, TokenStream};
use std::path::PathBuf;

/// Makes a flow function of the Rust function it is put on.
///
/// The function's definition is the file beside the source that has the same name and the extension `toml`. The
/// function has one parameter for each input of the definition, in the same order and of the same name (with `_` for
/// `-`; a leading `_` may mark one that is not used, and an unnamed input may be called anything); each has a type
/// that is `flowcore::authoring::FromValue`. Or it has one parameter `inputs: &[Value]`, and gets all values as they
/// are.
///
/// Beside the function, which stays as it is, this makes a unit struct that implements `flowcore::Implementation`.
/// Its name is that of the definition in camel case, its documentation the page named by `docs`. A call with another
/// number of values than the definition has inputs, or with a value that its parameter does not take, is an error of
/// the job, and the function is not called.
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
/// A definition that is missing or cannot be read, another number of parameters than inputs, or a parameter that is
/// not called as its input is, are errors of compilation.
#[proc_macro_attribute]
pub fn flow_function(
    attribute: proc_macro::TokenStream,
    function: proc_macro::TokenStream,
) -> proc_macro::TokenStream {
    let function = TokenStream::from(function);
    let code = beside_source()
        .and_then(|definition| expand::flow_function(attribute.into(), function.clone(), &definition))
        // The function stays, so that its own errors and its callers are still judged.
        .unwrap_or_else(|error| TokenStream::from_iter([function, error.into_compile_error()]));
    code.into()
}

/// Reads the definition beside the file the attribute is used in.
fn beside_source() -> syn::Result<Definition> {
    let here = |message: String| syn::Error::new(Span::call_site(), message);
    let Some(source) = proc_macro::Span::call_site().local_file() else {
        return Err(here("`flow_function` cannot tell which file it is used in".to_owned()));
    };
    let path: PathBuf = source.with_extension("toml");
    let text = std::fs::read_to_string(&path).map_err(|error| {
        here(format!("the definition of this function, `{}`, cannot be read: {error}", path.display()))
    })?;
    let file = path.file_name().unwrap_or_default().to_string_lossy();
    Definition::parse(&file, &text).map_err(|problem| here(format!("`{}`: {problem}", path.display())))
}
