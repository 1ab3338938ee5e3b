//! Bad input: the program as it is built, with little memory, says what is wrong and where, and never crashes or hangs.

#[cfg(test)]
#[cfg(unix)]
mod bombs;
#[cfg(test)]
#[cfg(unix)]
mod loops;
#[cfg(test)]
#[cfg(unix)]
mod place;
#[cfg(test)]
#[cfg(unix)]
mod sources;
#[cfg(test)]
#[cfg(unix)]
mod texts;
#[cfg(test)]
#[cfg(unix)]
mod writing;
