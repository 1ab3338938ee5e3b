//! Whether all messages that were sent have come.
//!
//! A connection brings what is sent whole and in order, or breaks. So nothing of this should ever be needed; but a
//! message that is lost for whatever reason would be waited for without end, and one that comes twice could do harm.

/// The numbers of messages of one session, both ways. Those of a session follow each other, and those of another
/// session are others, so that what comes late from an earlier one is not taken for what it is not.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Sequence {
    sent: u64,
    received: u64,
}

/// What the number of a message says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Arrival {
    /// It is the next one.
    Next,
    /// It has come before and is dropped.
    Again,
    /// One before it has not come: the session has to begin anew.
    Gap,
}

impl Sequence {
    /// Before the first message of a session: its number will be one more than that of the session times 2 to the 32nd.
    pub fn of_session(session: u32) -> Sequence {
        let before = u64::from(session) << 32;
        Sequence { sent: before, received: before }
    }

    /// The number of the next message to be sent.
    pub fn upcoming(&self) -> u64 {
        self.sent + 1
    }

    /// Takes note that it was sent.
    pub fn advance(&mut self) -> u64 {
        self.sent += 1;
        self.sent
    }

    /// The number of the latest message that was sent, which heartbeats tell.
    pub fn sent(&self) -> u64 {
        self.sent
    }

    /// Takes note of a message that has come.
    pub fn take(&mut self, number: u64) -> Arrival {
        if number <= self.received {
            Arrival::Again
        } else if number == self.received + 1 {
            self.received = number;
            Arrival::Next
        } else {
            Arrival::Gap
        }
    }

    /// Whether a message is missing, when the latest that the other side has sent had that number.
    pub fn is_missing(&self, sent: u64) -> bool {
        sent > self.received
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_lost_or_comes_twice_is_noticed() {
        let mut sequence = Sequence::of_session(0);
        assert_eq!([sequence.advance(), sequence.advance(), sequence.sent()], [1, 2, 2]);
        assert_eq!(
            [1, 2, 2, 1].map(|number| sequence.take(number)),
            [Arrival::Next, Arrival::Next, Arrival::Again, Arrival::Again]
        );
        assert!(!sequence.is_missing(2) && !sequence.is_missing(1) && sequence.is_missing(3));
        assert_eq!(sequence.take(4), Arrival::Gap);
        assert_eq!(sequence.take(3), Arrival::Next, "a gap changes nothing by itself");
    }

    #[test]
    fn what_comes_from_an_earlier_session_is_nothing_new() {
        let mut earlier = Sequence::of_session(1);
        let mut sequence = Sequence::of_session(2);
        assert_eq!(sequence.take(earlier.advance()), Arrival::Again);
        assert!(!sequence.is_missing(earlier.sent()));
        assert_eq!(sequence.take((2 << 32) + 1), Arrival::Next);
    }
}
