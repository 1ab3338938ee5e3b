//! Messages in parts.

use super::{Broken, LARGEST_MESSAGE, LARGEST_PART, TooLarge};

/// What a part begins with that tells the length of a message; no message that is one part begins with it.
const LENGTH: u8 = 0;

/// Calls `send` with each part of a message.
pub(super) fn split<E>(
    message: &[u8],
    mut send: impl FnMut(&[u8]) -> Result<(), E>,
) -> Result<Result<(), E>, TooLarge> {
    if message.len() > LARGEST_MESSAGE {
        return Err(TooLarge(message.len()));
    }
    if message.len() <= LARGEST_PART && message.first().is_some_and(|first| *first != LENGTH) {
        return Ok(send(message));
    }
    let mut head = vec![LENGTH];
    head.extend((message.len() as u64).to_le_bytes());
    let mut send_all = || {
        send(&head)?;
        message.chunks(LARGEST_PART).try_for_each(&mut send)
    };
    Ok(send_all())
}

/// A message that comes in parts.
#[derive(Default)]
pub(super) struct Assembly {
    message: Vec<u8>,
    /// How many bytes are still to come.
    missing: usize,
}

impl Assembly {
    /// Whether more of a message is to come.
    pub(super) fn is_begun(&self) -> bool {
        self.missing > 0
    }

    /// Takes a part; gives the message that is complete with it, if one is. Nothing is kept for what is still to come.
    pub(super) fn take(&mut self, part: &[u8]) -> Result<Option<Whole>, Broken> {
        if self.missing > 0 {
            self.missing = self.missing.checked_sub(part.len()).ok_or(Broken)?;
            if part.is_empty() {
                // It brings nothing nearer, and there could be any number of them.
                return Err(Broken);
            }
            self.message.extend_from_slice(part);
            let is_complete = self.missing == 0;
            return Ok(is_complete.then(|| Whole::Assembled(std::mem::take(&mut self.message))));
        }
        match part.split_first() {
            None => Err(Broken),
            Some((&LENGTH, length)) => {
                let length: [u8; 8] = length.try_into().map_err(|_| Broken)?;
                let length = usize::try_from(u64::from_le_bytes(length)).map_err(|_| Broken)?;
                if length > LARGEST_MESSAGE {
                    return Err(Broken);
                }
                self.missing = length;
                Ok((length == 0).then(|| Whole::Assembled(Vec::new())))
            }
            Some(_) => Ok(Some(Whole::Part)),
        }
    }
}

/// A complete message.
pub(super) enum Whole {
    /// It is the part itself.
    Part,
    /// It came in several.
    Assembled(Vec<u8>),
}
