//! What dispatch decides, and what must hold at any time.

mod consistency;
mod rules;
