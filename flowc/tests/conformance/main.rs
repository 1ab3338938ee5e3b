//! What the language says, section by section, as the compiler does it.

#[cfg(test)]
mod analyses;
#[cfg(test)]
mod boundaries;
#[cfg(test)]
mod command_line;
#[cfg(test)]
mod manifests;
#[cfg(test)]
mod messages;
#[cfg(test)]
mod micro_cases;
#[cfg(test)]
mod optimizer;
#[cfg(test)]
mod project;
#[cfg(test)]
mod scale;
#[cfg(test)]
mod warnings;
