//! What the language and the manifest format say, section by section and row by row, as the compiler does it.
//!
//! The files are named after the sections. A test that goes through a table names every row that fails.

#[cfg(test)]
mod analyses;
#[cfg(test)]
mod command_line;
#[cfg(test)]
mod corpus;
#[cfg(test)]
mod libraries;
#[cfg(test)]
mod library_definitions;
#[cfg(test)]
mod manifest_examples;
#[cfg(test)]
mod manifest_rows;
#[cfg(test)]
mod messages;
#[cfg(test)]
mod modes;
#[cfg(test)]
mod optimizer;
#[cfg(test)]
mod project;
#[cfg(test)]
mod s03_formats;
#[cfg(test)]
mod s04_definitions;
#[cfg(test)]
mod s05_names_and_routes;
#[cfg(test)]
mod s06_types;
#[cfg(test)]
mod s07_connections;
#[cfg(test)]
mod s08_hierarchy;
#[cfg(test)]
mod s09_initializers;
#[cfg(test)]
mod s10_finding;
#[cfg(test)]
mod s11_checks;
#[cfg(test)]
mod s12_provided_functions;
#[cfg(test)]
mod s14_catalogue;
#[cfg(test)]
mod s15_quirks;
#[cfg(test)]
mod s17_micro_cases;
#[cfg(test)]
mod scale;
#[cfg(test)]
mod server;
#[cfg(test)]
mod table;
#[cfg(test)]
mod web;
