//! Whole projects made at random, compiled, and compared with what the language says.
//!
//! A seed becomes a tree of definitions ([`grow`]), which becomes files ([`project`], [`notation`]). What must come of
//! them is worked out by an [`oracle`] that is written straight from the description of the language, slow and obvious,
//! and shares nothing with the stages of the compiler. What holds for every manifest whatever the flow is in
//! [`invariants`]. A project that fails is made smaller as long as it fails ([`shrink`]) and shown with its seed.
//!
//! `FLOW_GENERATED_CASES` says how many projects to make, `FLOW_GENERATED_SEED` which is the first.

#[cfg(test)]
mod cases;
#[cfg(test)]
mod dice;
#[cfg(test)]
mod grow;
#[cfg(test)]
mod invariants;
#[cfg(test)]
mod notation;
#[cfg(test)]
mod oracle;
#[cfg(test)]
mod project;
#[cfg(test)]
mod shrink;
#[cfg(test)]
mod supplied;
#[cfg(test)]
mod types;
