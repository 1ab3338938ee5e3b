//! Both ends of a channel, with frames carried by hand.

use super::*;
use crate::keys::Key;
use proptest::prelude::*;
use std::convert::Infallible;

fn key(number: u8) -> Option<Key> {
    Some(Key::new([number; 32]))
}

const WORKER: &[u8] = b"\0work";

/// The frames of a message.
fn from_guest(guest: &mut Guest, message: &[u8]) -> Vec<Vec<u8>> {
    let mut frames = Vec::new();
    let sent = guest.seal(message, |frame| {
        frames.push(frame.to_vec());
        Ok::<(), Infallible>(())
    });
    sent.unwrap().unwrap();
    frames
}

fn from_host(host: &mut Host, message: &[u8]) -> Vec<Vec<u8>> {
    let mut frames = Vec::new();
    let sent = host.seal(WORKER, message, |frame| {
        frames.push(frame.to_vec());
        Ok::<(), Infallible>(())
    });
    sent.unwrap().unwrap();
    frames
}

/// The one frame of a short message.
fn frame_of(guest: &mut Guest, message: &[u8]) -> Vec<u8> {
    let mut frames = from_guest(guest, message);
    assert_eq!(frames.len(), 1);
    frames.pop().unwrap()
}

/// What the host has understood.
fn heard(host: &mut Host, frame: &[u8]) -> Option<Vec<u8>> {
    match host.receive(WORKER, frame).news {
        News::Message(message) => Some(message.into_owned()),
        News::Nothing | News::Alive => None,
        News::Parted => panic!("parted"),
    }
}

fn is_parted(host: &mut Host, frame: &[u8]) -> bool {
    host.receive(WORKER, frame).news == News::Parted
}

/// Two ends that have opened their channel, and what was said for it.
fn open(key: Option<Key>) -> (Guest, Host, [Vec<u8>; 2]) {
    let mut host = Host::new(key.clone(), Purpose::Jobs);
    let (mut guest, opening) = Guest::new(key, Purpose::Jobs);
    let reply = host.receive(WORKER, &opening).reply.expect("it is accepted");
    assert_eq!(guest.receive(&reply), Heard::Opened);
    (guest, host, [opening, reply])
}

/// The same, and the host knows that it is no recorded one.
fn proven(key: Option<Key>) -> (Guest, Host) {
    let (mut guest, mut host, _) = open(key);
    let hello = frame_of(&mut guest, b"hello");
    assert_eq!(heard(&mut host, &hello).unwrap(), b"hello");
    (guest, host)
}

#[test]
fn messages_of_any_size_come_over_in_both_directions() {
    for key in [key(1), None] {
        let (mut guest, mut host) = proven(key);
        let sizes = [0, 1, 1000, LARGEST_PART - 1, LARGEST_PART, LARGEST_PART + 1, 300_000];
        for (size, first) in sizes.into_iter().flat_map(|size| [(size, 0), (size, 7)]) {
            let mut message: Vec<u8> = (0..size).map(|place| place as u8).collect();
            message.iter_mut().take(1).for_each(|byte| *byte = first);
            let frames = from_guest(&mut guest, &message);
            assert!(frames.iter().all(|frame| frame.len() as i64 <= LARGEST_FRAME));
            let got: Vec<Vec<u8>> = frames.iter().filter_map(|frame| heard(&mut host, frame)).collect();
            assert!(got == [message.clone()], "{size}");
            let frames = from_host(&mut host, &message);
            let mut got = Vec::new();
            for frame in &frames {
                match guest.receive(frame) {
                    Heard::Nothing | Heard::Alive => {}
                    Heard::Message(message) => got.push(message.into_owned()),
                    other => panic!("{other:?}"),
                }
            }
            assert!(got == [message], "{size}");
        }
    }
}

#[test]
fn genuine_parts_of_a_message_are_signs_of_life_long_before_it_is_complete() {
    let (mut guest, mut host) = proven(key(1));
    let message = vec![7; 300_000];
    let frames = from_guest(&mut guest, &message);
    let (last, parts) = frames.split_last().unwrap();
    assert_eq!(parts.len(), 5);
    for part in parts {
        assert_eq!(host.receive(b"thief", part).news, News::Nothing, "they are nobody else's");
        assert_eq!(host.receive(WORKER, part).news, News::Alive);
        assert_eq!(host.talking().collect::<Vec<_>>(), [WORKER]);
    }
    assert_eq!(heard(&mut host, last).unwrap(), message);
    assert_eq!(host.talking().count(), 0);

    let frames = from_host(&mut host, &message);
    let (last, parts) = frames.split_last().unwrap();
    assert!(parts.iter().all(|part| guest.receive(part) == Heard::Alive));
    assert_eq!(guest.receive(last), Heard::Message(message.as_slice().into()));

    let mut part = from_guest(&mut guest, &message).remove(0);
    *part.last_mut().unwrap() ^= 1;
    assert!(is_parted(&mut host, &part), "what is not genuine says nothing");
}

#[test]
fn what_is_said_cannot_be_read_without_the_key() {
    let (mut guest, mut host) = proven(key(1));
    let secret = b"a value that nobody else should see";
    for frame in [frame_of(&mut guest, secret), from_host(&mut host, secret).pop().unwrap()] {
        assert!(!frame.windows(8).any(|part| secret.windows(8).any(|other| part == other)));
    }
    let (mut guest, _) = proven(None);
    assert!(frame_of(&mut guest, secret).ends_with(secret), "in clear it is in clear");
}

#[test]
fn a_foreign_key_or_none_gets_no_answer() {
    for (ours, theirs) in [(key(1), key(2)), (key(1), None), (None, key(2))] {
        let mut host = Host::new(ours, Purpose::Jobs);
        let (mut guest, opening) = Guest::new(theirs, Purpose::Jobs);
        assert_eq!(host.receive(WORKER, &opening).reply, None);
        assert_eq!(host.counts(), (0, 0, 1));
        assert!(!guest.is_open());
        assert!(from_guest(&mut guest, b"jobs, please").is_empty(), "nothing is sent that was not agreed on");
    }
}

#[test]
fn a_channel_for_another_purpose_is_not_accepted() {
    let mut host = Host::new(key(1), Purpose::Jobs);
    let (_, opening) = Guest::new(key(1), Purpose::Submissions);
    assert_eq!(host.receive(WORKER, &opening).reply, None);
}

#[test]
fn a_changed_frame_ends_the_channel_and_no_other() {
    let (mut guest, mut host) = proven(key(1));
    let (mut other, opening) = Guest::new(key(1), Purpose::Jobs);
    let reply = host.receive(b"other", &opening).reply.unwrap();
    assert_eq!(other.receive(&reply), Heard::Opened);
    let mut frame = frame_of(&mut guest, b"result");
    *frame.last_mut().unwrap() ^= 1;
    let received = host.receive(WORKER, &frame);
    assert_eq!((received.news, received.reply), (News::Parted, Some(vec![kind::AGAIN])));
    let next = frame_of(&mut guest, b"result");
    assert_eq!(heard(&mut host, &next), None);
    let fine = frame_of(&mut other, b"fine");
    assert_eq!(host.receive(b"other", &fine).news, News::Message(b"fine".into()));
}

#[test]
fn every_byte_of_a_frame_is_guarded() {
    let (mut guest, _) = proven(key(1));
    let frame = frame_of(&mut guest, b"result");
    for place in 0..frame.len() {
        // The same keys cannot be had twice, so each place takes a channel of its own.
        let (mut guest, mut host) = proven(key(1));
        let mut frame = frame_of(&mut guest, b"result");
        frame[place] ^= 4;
        assert_eq!(host.receive(WORKER, &frame).news, News::Parted, "{place}");
    }
    for length in 0..frame.len() {
        let (mut guest, mut host) = proven(key(1));
        let mut frame = frame_of(&mut guest, b"result");
        frame.truncate(length);
        assert_eq!(host.receive(WORKER, &frame).news, News::Parted, "{length}");
    }
}

#[test]
fn frames_cannot_be_repeated_left_out_or_swapped() {
    let (mut guest, mut host) = proven(key(1));
    let frame = frame_of(&mut guest, b"one");
    assert!(heard(&mut host, &frame).is_some());
    assert!(is_parted(&mut host, &frame), "repeated");

    let (mut guest, mut host) = proven(key(1));
    frame_of(&mut guest, b"one");
    let two = frame_of(&mut guest, b"two");
    assert!(is_parted(&mut host, &two), "left out, and so swapped as well");

    let (mut guest, mut host) = proven(key(1));
    let own = frame_of(&mut guest, b"one");
    assert!(matches!(guest.receive(&own), Heard::Broken(_)), "sent back");
    let from_host = from_host(&mut host, b"one").pop().unwrap();
    assert!(is_parted(&mut host, &from_host));
}

#[test]
fn a_recorded_conversation_brings_nobody_in() {
    let (mut guest, mut host, [opening, _]) = open(key(1));
    let hello = frame_of(&mut guest, b"hello");
    assert!(heard(&mut host, &hello).is_some());
    // The opening is genuine, but what follows was made with other keys.
    let replayed = host.receive(b"thief", &opening);
    assert!(replayed.reply.is_some_and(|reply| reply.len() == 49), "it tells the thief nothing");
    assert_eq!(host.receive(b"thief", &hello).news, News::Nothing);
    let again = frame_of(&mut guest, b"again");
    assert_eq!(heard(&mut host, &again).unwrap(), b"again");
}

#[test]
fn recorded_openings_are_forgotten_and_do_not_pile_up() {
    let (_, mut host, [opening, _]) = open(key(1));
    for number in 0..2_000_u32 {
        host.receive(&number.to_le_bytes(), &opening);
    }
    assert_eq!(host.counts().0, MOST_OPENING_IN_TESTS);
    for _ in 0..6 {
        host.tick();
    }
    assert_eq!(host.counts(), (0, 0, 0));
}

const MOST_OPENING_IN_TESTS: usize = 1024;

#[test]
fn garbage_before_and_after_the_handshake_harms_nobody_else() {
    let (mut guest, mut host) = proven(key(1));
    for garbage in [&[][..], &[0; 3], &[0x81], &[0x81, 9, 1], &[0x83], &[0x84], &[0xff; 70_000], &[1, 2, 3]] {
        assert_eq!(host.receive(b"thief", garbage).news, News::Nothing);
    }
    let (mut waiting, _) = Guest::new(key(1), Purpose::Jobs);
    for garbage in [&[][..], &[0x82], &[0x82; 49], &[0x83; 20], &[0x84], &[5]] {
        assert_eq!(waiting.receive(garbage), Heard::Nothing);
    }
    let frame = frame_of(&mut guest, b"fine");
    assert_eq!(heard(&mut host, &frame).unwrap(), b"fine");
}

#[test]
fn an_answer_that_is_not_genuine_does_not_spoil_the_genuine_one() {
    let mut host = Host::new(key(1), Purpose::Jobs);
    let (mut guest, opening) = Guest::new(key(1), Purpose::Jobs);
    let reply = host.receive(WORKER, &opening).reply.unwrap();
    let mut forged = reply.clone();
    *forged.last_mut().unwrap() ^= 1;
    assert_eq!(guest.receive(&forged), Heard::Nothing);
    forged[5] ^= 1;
    assert_eq!(guest.receive(&forged), Heard::Nothing);
    assert_eq!(guest.receive(&reply), Heard::Opened);
    let hello = frame_of(&mut guest, b"hello");
    assert!(heard(&mut host, &hello).is_some());
}

#[test]
fn a_guest_that_comes_on_another_connection_opens_anew() {
    let (mut guest, mut host) = proven(key(1));
    let frame = frame_of(&mut guest, b"lost");
    let received = host.receive(b"\0new", &frame);
    assert_eq!(received.news, News::Nothing);
    let again = received.reply.unwrap();
    assert_eq!(again, [kind::AGAIN], "it carries nothing");
    assert_eq!(host.receive(b"\0new", &frame).reply, None, "once is enough");
    let Heard::Broken(opening) = guest.receive(&again) else { panic!() };
    let reply = host.receive(b"\0new", &opening).reply.unwrap();
    assert_eq!(guest.receive(&again), Heard::Nothing, "that was said before");
    assert_eq!(guest.receive(&reply), Heard::Opened);
    let hello = frame_of(&mut guest, b"hello");
    assert_eq!(host.receive(b"\0new", &hello).news, News::Message(b"hello".into()));
}

#[test]
fn a_guest_that_opens_anew_is_another_one() {
    let (_, mut host) = proven(key(1));
    let (mut next, opening) = Guest::new(key(1), Purpose::Jobs);
    let received = host.receive(WORKER, &opening);
    assert_eq!(received.news, News::Parted);
    let reply = received.reply.unwrap();
    assert_eq!(next.receive(&reply), Heard::Opened);
    let hello = frame_of(&mut next, b"hello");
    assert!(heard(&mut host, &hello).is_some());
}

#[test]
fn an_opening_that_is_not_answered_is_repeated_less_and_less_often() {
    let (mut guest, first) = Guest::new(key(1), Purpose::Jobs);
    let repeated: Vec<usize> = (1..=8).filter(|_| guest.tick().is_some()).collect();
    assert_eq!(repeated, [1, 3, 7]);
    // Of those that it has given up the first is still known, and is not the one that the host has now.
    let mut host = Host::new(key(1), Purpose::Jobs);
    let reply = host.receive(WORKER, &first).reply.unwrap();
    assert_eq!(guest.receive(&reply), Heard::Alive);
    let (mut guest, mut host) = proven(key(1));
    assert_eq!(guest.tick(), None);
    host.tick();
    let frame = frame_of(&mut guest, b"still here");
    assert!(heard(&mut host, &frame).is_some());
}

#[test]
fn a_host_that_is_seconds_away_is_reached() {
    for (key, ticks_away) in
        [key(1), None].into_iter().flat_map(|key| (0..8).map(move |away| (key.clone(), away)))
    {
        let mut host = Host::new(key.clone(), Purpose::Jobs);
        let (mut guest, opening) = Guest::new(key, Purpose::Jobs);
        // Frames to the host are there at once, and from the host after so many ticks.
        let mut under_way: Vec<(usize, Vec<u8>)> = Vec::new();
        let mut openings = vec![opening];
        let mut heard = Vec::new();
        for tick in 0..40 {
            for opening in openings.drain(..) {
                under_way.push((tick + ticks_away, host.receive(WORKER, &opening).reply.unwrap()));
            }
            let (come, rest) = under_way.into_iter().partition(|(due, _)| *due <= tick);
            under_way = rest;
            for (_, frame) in come {
                match guest.receive(&frame) {
                    Heard::Broken(opening) => openings.push(opening),
                    Heard::Opened => {
                        let hello = frame_of(&mut guest, b"hello");
                        if let News::Message(message) = host.receive(WORKER, &hello).news {
                            heard.push(message.into_owned());
                        }
                    }
                    Heard::Nothing | Heard::Alive => {}
                    Heard::Message(_) => panic!("the host says nothing"),
                }
            }
            openings.extend(guest.tick());
        }
        assert_eq!(heard, [b"hello"], "{ticks_away} ticks away");
        assert!(guest.is_open());
    }
}

#[test]
fn guests_that_fall_silent_are_forgotten() {
    let (mut guest, mut host) = proven(key(1));
    for _ in 0..60 {
        host.tick();
    }
    assert_eq!(host.counts().0, 1);
    host.tick();
    assert_eq!(host.counts().0, 0);
    let frame = frame_of(&mut guest, b"back");
    assert_eq!(host.receive(WORKER, &frame).reply, Some(vec![kind::AGAIN]));
}

/// A message in parts as somebody might send it who has the key and means harm.
fn parts_are_refused(parts: &[&[u8]]) {
    let (mut guest, mut host) = proven(None);
    let (last, first) = parts.split_last().unwrap();
    let frame = |part: &[u8]| [&[kind::DATA], part].concat();
    for part in first {
        assert_eq!(heard(&mut host, &frame(part)), None);
    }
    assert!(is_parted(&mut host, &frame(last)));
    for part in first {
        assert_eq!(guest.receive(&frame(part)), Heard::Alive);
    }
    assert!(matches!(guest.receive(&frame(last)), Heard::Broken(_)));
}

#[test]
fn parts_that_make_no_message_are_refused() {
    let length = |bytes: u64| [&[0][..], &bytes.to_le_bytes()].concat();
    parts_are_refused(&[b""]);
    parts_are_refused(&[&[0, 1, 2]]);
    parts_are_refused(&[&length(LARGEST_MESSAGE as u64 + 1)]);
    parts_are_refused(&[&length(u64::MAX)]);
    parts_are_refused(&[&length(5), b"123", b"456"]);
    parts_are_refused(&[&length(5), b"123", b""]);
    parts_are_refused(&[&vec![1; LARGEST_PART + 1]]);
}

#[test]
fn a_message_that_nobody_would_take_is_not_sent() {
    let (mut guest, _) = proven(None);
    let message = vec![1; LARGEST_MESSAGE + 1];
    let sent = guest.seal(&message, |_| Err(()));
    assert_eq!(sent, Err(TooLarge(LARGEST_MESSAGE + 1)));
    // The length that is announced brings no memory with it.
    let (_, mut host) = proven(None);
    assert_eq!(heard(&mut host, &[&[kind::DATA, 0][..], &(1_u64 << 30).to_le_bytes()].concat()), None);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn any_messages_come_over_in_order(
        messages in prop::collection::vec((0..200_000_usize, any::<u8>()), 1..6),
        is_secured: bool,
    ) {
        let (mut guest, mut host) = proven(if is_secured { key(3) } else { None });
        let messages: Vec<Vec<u8>> =
            messages.into_iter().map(|(length, byte)| vec![byte; length]).collect();
        let mut got = Vec::new();
        for message in &messages {
            for frame in from_guest(&mut guest, message) {
                got.extend(heard(&mut host, &frame));
            }
        }
        prop_assert!(got == messages);
    }

    #[test]
    fn any_frames_are_taken_calmly(frames in prop::collection::vec(any::<Vec<u8>>(), 0..20), start in 0x80..0x86_u8) {
        let (mut guest, mut host) = proven(key(1));
        let (mut waiting, _) = Guest::new(key(1), Purpose::Jobs);
        for mut frame in frames {
            if let Some(first) = frame.first_mut() {
                *first = start;
            }
            host.receive(b"thief", &frame);
            waiting.receive(&frame);
        }
        let frame = frame_of(&mut guest, b"fine");
        prop_assert_eq!(heard(&mut host, &frame).unwrap(), b"fine");
    }
}
