//! Writing and reading the smallest pieces.

/// Bytes that are not what they should be.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum DecodeError {
    /// The frame ends in the middle of something.
    #[error("the bytes are cut short")]
    Truncated,
    /// The frame goes on after its message.
    #[error("there are {0} bytes too many")]
    TrailingBytes(usize),
    /// A tag that this version does not know.
    #[error("unknown {what} tag {tag}")]
    UnknownTag {
        /// What the tag should have told.
        what: &'static str,
        /// The tag.
        tag: u8,
    },
    /// An integer that does not fit.
    #[error("an integer is out of range")]
    IntegerRange,
    /// Text that is not UTF-8.
    #[error("text is not UTF-8")]
    Utf8,
    /// A first message of another version of its protocol.
    #[error("the message is one of version {0} of its protocol")]
    Version(u32),
    /// Arrays or objects nest deeper than any real value does.
    #[error("a value nests too deeply")]
    Depth,
    /// Values would take more memory than they may.
    #[error("the values take more memory than they may")]
    Room,
}

/// Appends an unsigned integer, seven bits a byte.
pub fn put_integer(bytes: &mut Vec<u8>, mut integer: u64) {
    while integer >= 0x80 {
        bytes.push(integer as u8 | 0x80);
        integer >>= 7;
    }
    bytes.push(integer as u8);
}

/// Appends a length.
pub fn put_length(bytes: &mut Vec<u8>, length: usize) {
    put_integer(bytes, length as u64);
}

/// Appends text behind its length.
pub fn put_text(bytes: &mut Vec<u8>, text: &str) {
    put_length(bytes, text.len());
    bytes.extend_from_slice(text.as_bytes());
}

/// Reads bytes from their front. Each method fails on bytes that are not what it reads.
pub struct Reader<'frame> {
    rest: &'frame [u8],
    /// How much memory values may still take, in bytes.
    room: usize,
}

impl<'frame> Reader<'frame> {
    /// At the front of these bytes.
    pub fn new(frame: &'frame [u8]) -> Reader<'frame> {
        Reader::within(frame, usize::MAX)
    }

    /// The same for values that may take no more than so many bytes of memory: a null is one byte here, and sixteen there.
    pub fn within(frame: &'frame [u8], room: usize) -> Reader<'frame> {
        Reader { rest: frame, room }
    }

    /// Takes note of memory that values take.
    pub(super) fn occupy(&mut self, bytes: usize) -> Result<(), DecodeError> {
        self.room = self.room.checked_sub(bytes).ok_or(DecodeError::Room)?;
        Ok(())
    }

    /// Checks that nothing is left.
    pub fn end(&self) -> Result<(), DecodeError> {
        if self.rest.is_empty() { Ok(()) } else { Err(DecodeError::TrailingBytes(self.rest.len())) }
    }

    /// The next byte.
    pub fn byte(&mut self) -> Result<u8, DecodeError> {
        let (&first, rest) = self.rest.split_first().ok_or(DecodeError::Truncated)?;
        self.rest = rest;
        Ok(first)
    }

    /// Passes over a byte if it is the next one, and says whether it was.
    pub fn skip(&mut self, byte: u8) -> bool {
        let found = self.rest.first() == Some(&byte);
        if found {
            self.rest = self.rest.get(1..).unwrap_or_default();
        }
        found
    }

    /// The next bytes, so many of them.
    pub fn take(&mut self, length: usize) -> Result<&'frame [u8], DecodeError> {
        let (taken, rest) = self.rest.split_at_checked(length).ok_or(DecodeError::Truncated)?;
        self.rest = rest;
        Ok(taken)
    }

    /// An integer as [`put_integer`] writes it.
    pub fn integer(&mut self) -> Result<u64, DecodeError> {
        let mut integer = 0;
        for shift in (0..64).step_by(7) {
            let byte = self.byte()?;
            let bits = u64::from(byte & 0x7f);
            if shift == 63 && bits > 1 {
                return Err(DecodeError::IntegerRange);
            }
            integer |= bits << shift;
            if byte & 0x80 == 0 {
                return Ok(integer);
            }
        }
        Err(DecodeError::IntegerRange)
    }

    /// An integer that fits a smaller type.
    pub fn small<T: TryFrom<u64>>(&mut self) -> Result<T, DecodeError> {
        T::try_from(self.integer()?).map_err(|_| DecodeError::IntegerRange)
    }

    /// The number of items that follow. Each takes at least one byte, so more than there are bytes left is a lie.
    pub fn count(&mut self) -> Result<usize, DecodeError> {
        let count = self.small()?;
        if count > self.rest.len() { Err(DecodeError::Truncated) } else { Ok(count) }
    }

    /// Text behind its length.
    pub fn text(&mut self) -> Result<&'frame str, DecodeError> {
        let length = self.count()?;
        std::str::from_utf8(self.take(length)?).map_err(|_| DecodeError::Utf8)
    }
}
