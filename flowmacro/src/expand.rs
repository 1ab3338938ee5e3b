//! Checks a function's signature against its definition and writes the code beside it.

use crate::definition::Definition;
use flowsource::{Parameter, Parameters};
use proc_macro2::{Ident, Span, TokenStream};
use quote::{ToTokens, quote, quote_spanned};
use syn::spanned::Spanned;
use syn::{Error, ItemFn, Result, ReturnType, Signature, Type};

/// The code for `#[flow_function]` on `function`: the function itself, its struct and implementation, and the exports of
/// a module where the package is one.
pub(crate) fn flow_function(
    attribute: TokenStream,
    function: TokenStream,
    definition: &Definition,
    is_module: bool,
) -> Result<TokenStream> {
    if !attribute.is_empty() {
        return Err(Error::new_spanned(attribute, "`flow_function` takes no arguments"));
    }
    let function: ItemFn = syn::parse2(function)?;
    flowsource::check(&function.sig, &definition.inputs, &definition.file)?;
    let structure = structure(definition)?;
    let implementation = implementation(&function.sig, definition)?;
    let exports = if is_module { exports(definition)? } else { TokenStream::new() };
    // Cargo compiles the crate again when a file it includes has changed, and so notices edits of the definition.
    let file = &definition.file;
    Ok(quote! {
        #function
        #structure
        #implementation
        const _: &str = include_str!(#file);
        #exports
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

/// The exports of a module; nothing unless this is compiled for WebAssembly.
fn exports(definition: &Definition) -> Result<TokenStream> {
    let name = type_ident(definition)?;
    Ok(quote!(::flowcore::export_module!(#name);))
}

/// The implementation, which takes the inputs apart and calls the function.
fn implementation(signature: &Signature, definition: &Definition) -> Result<TokenStream> {
    let name = type_ident(definition)?;
    let methods = match flowsource::parameters(signature)? {
        Parameters::All(element) => {
            let call = whole_call(signature, element, definition);
            method(quote!(run), quote!(&[::flowcore::Value]), call)
        }
        Parameters::Each(parameters) => {
            // Parameters that hold their value take it out of the job, so this is the form that executors call.
            let call = typed_call(signature, &parameters, definition);
            let owned = method(quote!(run_owned), quote!(&mut [::flowcore::Value]), call);
            let copy = quote!(self.run_owned(&mut ::std::vec::Vec::from(inputs)));
            let borrowed = method(quote!(run), quote!(&[::flowcore::Value]), copy);
            quote!(#borrowed #owned)
        }
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

fn whole_call(signature: &Signature, element: &Type, definition: &Definition) -> TokenStream {
    let all = quote_spanned!(element.span()=> <#element as ::flowcore::authoring::InputValue>::all(inputs));
    let call = call(signature, quote!(&#all));
    let declared = definition.inputs.len();
    quote! {
        match inputs.len() {
            #declared => #call,
            got => ::std::result::Result::Err(::flowcore::authoring::wrong_count(#declared, got)),
        }
    }
}

fn typed_call(signature: &Signature, parameters: &[Parameter<'_>], definition: &Definition) -> TokenStream {
    let mut bindings = Vec::new();
    let mut arguments = Vec::new();
    for (position, (parameter, input)) in parameters.iter().zip(&definition.inputs).enumerate() {
        let label = if input.name.is_empty() { position.to_string() } else { input.name.clone() };
        // The type is inferred from the call; that it cannot be an input is reported where it is written.
        let written = parameter.ty.span();
        let binding = Ident::new(&format!("input{position}"), Span::mixed_site().located_at(written));
        arguments.push(quote_spanned! {written=>
            ::flowcore::authoring::argument(#label, #binding, &mut ::std::default::Default::default())?
        });
        bindings.push(binding);
    }
    let call = call(signature, quote!(#(#arguments),*));
    let declared = definition.inputs.len();
    quote! {
        match inputs {
            [#(#bindings),*] => #call,
            other => ::std::result::Result::Err(::flowcore::authoring::wrong_count(#declared, other.len())),
        }
    }
}

/// The call, placed at the return type: a wrong one is then reported where it is written.
fn call(signature: &Signature, arguments: TokenStream) -> TokenStream {
    let place = match &signature.output {
        ReturnType::Type(_, output) => output.span(),
        ReturnType::Default => signature.ident.span(),
    };
    let mut function = signature.ident.clone();
    function.set_span(place);
    quote_spanned!(place=> ::flowcore::authoring::IntoResult::into_result(#function(#arguments)))
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

    const SCALE: &str =
        "function = 'scale'\n[[input]]\nname = 'value'\ntype = 'number'\n[[input]]\nname = 'unit-name'\n";

    fn expand(function: &str, is_module: bool) -> Result<String> {
        let definition = Definition::parse("scale.toml", SCALE).unwrap();
        flow_function(TokenStream::new(), function.parse().unwrap(), &definition, is_module)
            .map(|code| code.to_string())
    }

    #[test]
    fn what_does_not_agree_with_the_definition_is_an_error_at_its_place() {
        let error = expand("fn scale(value: bool, unit: &str) -> R { todo!() }", false).unwrap_err();
        let places: Vec<_> = error.into_iter().filter_map(|error| error.span().source_text()).collect();
        assert_eq!(places, ["bool", "unit"]);
    }

    #[test]
    fn the_attribute_has_no_arguments() {
        let definition = Definition::parse("scale.toml", SCALE).unwrap();
        let error = flow_function("fast".parse().unwrap(), "fn f() {}".parse().unwrap(), &definition, false);
        assert!(error.unwrap_err().to_string().contains("takes no arguments"));
    }

    #[test]
    fn one_parameter_called_inputs_takes_them_all() {
        let code = expand("fn scale(inputs: &[serde_json::Value]) -> R { todo!() }", false).unwrap();
        assert!(
            code.contains("< serde_json :: Value as :: flowcore :: authoring :: InputValue > :: all"),
            "{code}"
        );
    }

    #[test]
    fn only_a_module_has_exports() {
        let function = "fn scale(inputs: &[Value]) -> R { todo!() }";
        assert!(!expand(function, false).unwrap().contains("export_module"));
        assert!(expand(function, true).unwrap().contains("export_module ! (Scale)"));
    }
}
