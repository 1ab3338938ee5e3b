//! Checks a function's signature against its definition and writes the code beside it.

use crate::definition::Definition;
use proc_macro2::{Ident, Span, TokenStream};
use quote::{ToTokens, quote, quote_spanned};
use syn::ext::IdentExt;
use syn::spanned::Spanned;
use syn::{Error, FnArg, ItemFn, Pat, PatType, Result, ReturnType, Signature, Type};

/// The code for `#[flow_function]` on `function`: the function itself, and its struct and implementation.
pub(crate) fn flow_function(
    attribute: TokenStream,
    function: TokenStream,
    definition: &Definition,
) -> Result<TokenStream> {
    if !attribute.is_empty() {
        return Err(Error::new_spanned(attribute, "`flow_function` takes no arguments"));
    }
    let function: ItemFn = syn::parse2(function)?;
    let structure = structure(definition)?;
    let implementation = implementation(&function.sig, definition)?;
    // Cargo compiles the crate again when a file it includes has changed, and so notices edits of the definition.
    let file = &definition.file;
    Ok(quote! {
        #function
        #structure
        #implementation
        const _: &str = include_str!(#file);
        // The exports of a WebAssembly module (allocate, run) belong here, behind `#[cfg(target_arch = "wasm32")]`:
        // they are the one part that differs between native code and a module.
    })
}

/// The unit struct that stands for the function.
fn structure(definition: &Definition) -> Result<TokenStream> {
    let name = type_ident(definition)?;
    let page = match (&definition.docs, definition.description.as_str()) {
        (Some(page), _) => quote!(include_str!(#page)),
        (None, "") => format!("The flow function `{}`.", definition.function).into_token_stream(),
        (None, description) => description.into_token_stream(),
    };
    Ok(quote! {
        #[doc = #page]
        #[derive(Clone, Copy, Debug, Default)]
        pub struct #name;
    })
}

/// The implementation, which takes the inputs apart and calls the function.
fn implementation(signature: &Signature, definition: &Definition) -> Result<TokenStream> {
    let ReturnType::Type(_, output) = &signature.output else {
        return Err(Error::new_spanned(signature, "must return `Result<(Option<Value>, RunAgain)>`"));
    };
    let name = type_ident(definition)?;
    let methods = if takes_all_inputs(signature) {
        let call = whole_call(signature, output, definition);
        method(quote!(run), quote!(&[::flowcore::Value]), call)
    } else {
        // Parameters that hold their value take it out of the job, so this is the form that executors call.
        let call = typed_call(signature, output, definition)?;
        let owned = method(quote!(run_owned), quote!(&mut [::flowcore::Value]), call);
        let copy = quote!(self.run_owned(&mut ::std::vec::Vec::from(inputs)));
        let borrowed = method(quote!(run), quote!(&[::flowcore::Value]), copy);
        quote!(#borrowed #owned)
    };
    Ok(quote! {
        impl ::flowcore::Implementation for #name {
            #methods
        }
    })
}

fn method(name: TokenStream, inputs: TokenStream, body: TokenStream) -> TokenStream {
    quote! {
        fn #name(
            &self,
            inputs: #inputs,
        ) -> ::flowcore::Result<(::std::option::Option<::flowcore::Value>, ::flowcore::RunAgain)> {
            #body
        }
    }
}

/// Whether the signature is the form with one parameter for all inputs, `inputs: &[...]`.
fn takes_all_inputs(signature: &Signature) -> bool {
    let mut parameters = signature.inputs.iter();
    let (Some(FnArg::Typed(PatType { pat, ty, .. })), None) = (parameters.next(), parameters.next()) else {
        return false;
    };
    let slice = matches!(&**ty, Type::Reference(reference) if matches!(*reference.elem, Type::Slice(_)));
    slice && matches!(&**pat, Pat::Ident(name) if name.ident == "inputs")
}

fn whole_call(signature: &Signature, output: &Type, definition: &Definition) -> TokenStream {
    let call = call(signature, output, quote!(inputs));
    let declared = definition.inputs.len();
    quote! {
        match inputs.len() {
            #declared => #call,
            got => ::std::result::Result::Err(::flowcore::authoring::wrong_count(#declared, got)),
        }
    }
}

fn typed_call(signature: &Signature, output: &Type, definition: &Definition) -> Result<TokenStream> {
    check_count(signature, definition)?;
    let mut problems: Option<Error> = None;
    let mut bindings = Vec::new();
    let mut arguments = Vec::new();
    for (position, (parameter, input)) in signature.inputs.iter().zip(&definition.inputs).enumerate() {
        match check_name(parameter, input, definition) {
            Ok(ty) => {
                let label = if input.is_empty() { position.to_string() } else { input.clone() };
                let binding = Ident::new(&format!("input{position}"), Span::mixed_site());
                // The type is inferred from the call; that it cannot be an input is reported where it is written.
                arguments
                    .push(quote_spanned!(ty.span()=> ::flowcore::authoring::argument(#label, #binding)?));
                bindings.push(binding);
            }
            Err(error) => match &mut problems {
                Some(problems) => problems.combine(error),
                None => problems = Some(error),
            },
        }
    }
    if let Some(problems) = problems {
        return Err(problems);
    }
    let call = call(signature, output, quote!(#(#arguments),*));
    let declared = definition.inputs.len();
    Ok(quote! {
        match inputs {
            [#(#bindings),*] => #call,
            other => ::std::result::Result::Err(::flowcore::authoring::wrong_count(#declared, other.len())),
        }
    })
}

/// The call, placed at the return type: a wrong one is then reported where it is written.
fn call(signature: &Signature, output: &Type, arguments: TokenStream) -> TokenStream {
    let mut function = signature.ident.clone();
    function.set_span(output.span());
    quote_spanned!(output.span()=> #function(#arguments))
}

fn check_count(signature: &Signature, definition: &Definition) -> Result<()> {
    let (parameters, inputs) = (signature.inputs.len(), definition.inputs.len());
    if parameters == inputs {
        return Ok(());
    }
    let message = format!("has {parameters} parameters, but `{}` defines {inputs} inputs", definition.file);
    // The first parameter too many, or the function where there are too few.
    Err(match signature.inputs.iter().nth(inputs) {
        Some(parameter) => Error::new_spanned(parameter, message),
        None => Error::new_spanned(&signature.ident, message),
    })
}

/// Checks that a parameter is called as its input is, and gives its type.
fn check_name<'a>(parameter: &'a FnArg, input: &str, definition: &Definition) -> Result<&'a Type> {
    let FnArg::Typed(PatType { pat, ty, .. }) = parameter else {
        return Err(Error::new_spanned(parameter, "a flow function is a free function"));
    };
    if input.is_empty() {
        return Ok(ty);
    }
    let expected = input.replace('-', "_");
    let name = match &**pat {
        Pat::Ident(name) => name.ident.unraw().to_string(),
        _ => String::new(),
    };
    if name == expected || name.strip_prefix('_') == Some(&expected) {
        return Ok(ty);
    }
    let message =
        format!("must be called `{expected}`, as `{}` names the input at this place", definition.file);
    Err(Error::new_spanned(pat, message))
}

fn type_ident(definition: &Definition) -> Result<Ident> {
    let name = definition.type_name();
    syn::parse_str(&name).map_err(|_| {
        let message = format!(
            "`{}` names the function `{}`, and `{name}` is no type",
            definition.file, definition.function
        );
        Error::new(Span::call_site(), message)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const SCALE: &str = "function = 'scale'\n[[input]]\nname = 'value'\n[[input]]\nname = 'unit-name'\n";

    fn expand(definition: &str, function: &str) -> Result<String> {
        let definition = Definition::parse("scale.toml", definition).unwrap();
        flow_function(TokenStream::new(), function.parse().unwrap(), &definition).map(|code| code.to_string())
    }

    /// The messages of the errors, each with the source text it points at.
    fn problems(definition: &str, function: &str) -> Vec<(String, String)> {
        let error = expand(definition, function).unwrap_err();
        let at = |error: &Error| error.span().source_text().unwrap_or_default();
        error.into_iter().map(|error| (at(&error), error.to_string())).collect()
    }

    #[test]
    fn names_may_differ_in_dashes_and_a_leading_underscore() {
        assert!(expand(SCALE, "fn scale(value: f64, unit_name: &str) -> Result<()> { todo!() }").is_ok());
        assert!(
            expand(SCALE, "fn scale(mut value: f64, _unit_name: &str) -> Result<()> { todo!() }").is_ok()
        );
        let keyword = "function = 'f'\n[[input]]\nname = 'type'";
        assert!(expand(keyword, "fn f(r#type: &str) -> Result<()> { todo!() }").is_ok());
    }

    #[test]
    fn an_unnamed_input_may_be_called_anything() {
        assert!(expand("function = 'f'\n[[input]]", "fn f(anything: f64) -> Result<()> { todo!() }").is_ok());
    }

    #[test]
    fn every_wrong_name_is_reported_at_its_parameter() {
        let found = problems(SCALE, "fn scale(size: f64, unit: &str) -> Result<()> { todo!() }");
        let places: Vec<_> = found.iter().map(|(at, _)| at.as_str()).collect();
        assert_eq!(places, ["size", "unit"]);
        assert!(
            found[1].1.contains("must be called `unit_name`, as `scale.toml` names the input"),
            "{found:?}"
        );
    }

    #[test]
    fn a_wrong_count_is_reported_at_the_surplus_or_at_the_function() {
        let surplus =
            problems(SCALE, "fn scale(value: f64, unit_name: &str, more: bool) -> Result<()> { todo!() }");
        assert_eq!(surplus[0].0, "more: bool");
        assert_eq!(surplus[0].1, "has 3 parameters, but `scale.toml` defines 2 inputs");
        let missing = problems(SCALE, "fn scale(value: f64) -> Result<()> { todo!() }");
        assert_eq!(missing[0].0, "scale");
    }

    #[test]
    fn methods_arguments_and_functions_without_result_are_refused() {
        assert!(problems(SCALE, "fn scale(&self, unit_name: &str) -> R { }")[0].1.contains("free function"));
        assert!(problems(SCALE, "fn scale(value: f64, unit_name: &str) {}")[0].1.contains("must return"));
        let definition = Definition::parse("scale.toml", SCALE).unwrap();
        let error = flow_function("fast".parse().unwrap(), "fn f() {}".parse().unwrap(), &definition);
        assert!(error.unwrap_err().to_string().contains("takes no arguments"));
    }

    #[test]
    fn one_parameter_called_inputs_takes_them_all() {
        let code = expand(SCALE, "fn scale(inputs: &[Value]) -> Result<()> { todo!() }").unwrap();
        assert!(code.contains("scale (inputs)"), "{code}");
    }
}
