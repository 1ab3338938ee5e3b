//! The parameters of a function.

use syn::ext::IdentExt;
use syn::{Error, FnArg, Pat, PatType, Result, Signature, Type};

/// What a function takes: one of the two forms that there are.
pub enum Parameters<'function> {
    /// `inputs: &[...]`, all inputs as they are; the type of each.
    All(&'function Type),
    /// A parameter for each input.
    Each(Vec<Parameter<'function>>),
}

/// A parameter for one input.
#[derive(Clone, Copy)]
pub struct Parameter<'function> {
    /// What it is called.
    pub pattern: &'function Pat,
    /// Its type.
    pub ty: &'function Type,
}

impl Parameter<'_> {
    /// Its name as the input has it but for dashes; none where it is a pattern. A leading underscore only says that it is
    /// not used.
    pub fn name(&self) -> Option<String> {
        let Pat::Ident(name) = self.pattern else { return None };
        let name = name.ident.unraw().to_string();
        Some(name.strip_prefix('_').map(str::to_owned).unwrap_or(name))
    }
}

/// The parameters of a function.
///
/// # Errors
///
/// Fails for a method.
pub fn parameters(signature: &Signature) -> Result<Parameters<'_>> {
    let mut parameters = Vec::new();
    for parameter in &signature.inputs {
        match parameter {
            FnArg::Typed(PatType { pat, ty, .. }) => parameters.push(Parameter { pattern: pat, ty }),
            FnArg::Receiver(_) => {
                return Err(Error::new_spanned(parameter, "a flow function is a free function"));
            }
        }
    }
    Ok(match parameters.as_slice() {
        [all] if all.name().as_deref() == Some("inputs") => match slice_of(all.ty) {
            Some(element) => Parameters::All(element),
            None => Parameters::Each(parameters),
        },
        _ => Parameters::Each(parameters),
    })
}

/// The type of an element, if this is a reference to a slice.
pub(crate) fn slice_of(ty: &Type) -> Option<&Type> {
    match ty {
        Type::Reference(reference) => match &*reference.elem {
            Type::Slice(slice) => Some(&slice.elem),
            _ => None,
        },
        _ => None,
    }
}
