//! What the compiler says: the pages in `docs/diagnostics` are true, programs can read it, and every format is alike.

#[cfg(test)]
mod formats;
#[cfg(test)]
mod options;
#[cfg(test)]
mod page;
#[cfg(test)]
mod pages;
#[cfg(test)]
mod preparations;
#[cfg(test)]
mod project;
#[cfg(test)]
mod repetition;
#[cfg(test)]
mod suggestions;
#[cfg(test)]
mod web;
