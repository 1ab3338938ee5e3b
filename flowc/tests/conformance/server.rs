//! A server for the web as tests need it: it answers, or misbehaves, as it is told.

use std::collections::BTreeMap;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::thread::JoinHandle;

/// How the server answers for a path.
#[derive(Clone)]
pub(crate) enum Reply {
    /// With this text.
    Text(String),
    /// With this text, but not when only asked whether it is there.
    OnlyGet(String),
    /// With this status alone.
    Status(u16),
    /// That it is elsewhere.
    Redirect(u16, String),
    /// Not at all, but the connection stays open.
    Stall,
    /// When asked whether it is there, that it is; else with the head of an answer, and then not any more.
    StallInBody,
    /// With so many bytes.
    Huge(usize),
    /// With a text that is shorter than announced.
    Short(String),
    /// With something that is no answer.
    Garbage,
}

/// A server on this machine, until it is dropped.
pub(crate) struct Server {
    address: SocketAddr,
    asked: Arc<Mutex<Vec<String>>>,
    has_ended: Arc<AtomicBool>,
    thread: Option<JoinHandle<()>>,
}

impl Server {
    /// A server that answers for these paths, and for others that they are not there. `{url}` in texts stands for itself.
    pub(crate) fn new<'text>(replies: impl IntoIterator<Item = (&'text str, Reply)>) -> Server {
        let replies: BTreeMap<String, Reply> =
            replies.into_iter().map(|(path, reply)| (path.to_owned(), reply)).collect();
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let asked = Arc::new(Mutex::new(Vec::new()));
        let has_ended = Arc::new(AtomicBool::new(false));
        let thread = std::thread::spawn({
            let (asked, has_ended) = (asked.clone(), has_ended.clone());
            move || {
                // Those that get no answer are kept open until the end.
                let mut open = Vec::new();
                for stream in listener.incoming() {
                    if has_ended.load(Ordering::SeqCst) {
                        break;
                    }
                    open.extend(answer(stream.unwrap(), &replies, address, &asked));
                }
            }
        });
        Server { address, asked, has_ended, thread: Some(thread) }
    }

    /// The URL of a path.
    pub(crate) fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.address)
    }

    /// What it was asked for, such as `GET /f.toml`.
    pub(crate) fn asked(&self) -> Vec<String> {
        self.asked.lock().unwrap().clone()
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.has_ended.store(true, Ordering::SeqCst);
        // Wakes it up, so that it sees that it has ended.
        drop(TcpStream::connect(self.address));
        self.thread.take().unwrap().join().unwrap();
    }
}

/// Answers one question. Gives the connection if it is to stay open.
fn answer(
    mut stream: TcpStream,
    replies: &BTreeMap<String, Reply>,
    address: SocketAddr,
    asked: &Mutex<Vec<String>>,
) -> Option<TcpStream> {
    let mut lines = BufReader::new(stream.try_clone().unwrap()).lines();
    let first = lines.next()?.ok()?;
    for line in lines {
        if line.ok()?.is_empty() {
            break;
        }
    }
    let (method, rest) = first.split_once(' ')?;
    let path = rest.split(' ').next()?;
    asked.lock().unwrap().push(format!("{method} {path}"));
    let is_get = method == "GET";
    let full = |text: &str, length: usize| {
        let body = if is_get { text } else { "" };
        format!("HTTP/1.1 200 OK\r\nContent-Length: {length}\r\nConnection: close\r\n\r\n{body}")
    };
    let text = match replies.get(path).cloned().unwrap_or(Reply::Status(404)) {
        Reply::Text(text) => {
            let text = text.replace("{url}", &format!("http://{address}"));
            full(&text, text.len())
        }
        Reply::OnlyGet(text) if is_get => full(&text, text.len()),
        Reply::OnlyGet(_) => status(405),
        Reply::Status(code) => status(code),
        Reply::Redirect(code, target) => {
            let target = target.replace("{url}", &format!("http://{address}"));
            format!(
                "HTTP/1.1 {code} Moved\r\nLocation: {target}\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"
            )
        }
        Reply::Stall => return Some(stream),
        Reply::StallInBody if is_get => {
            stream.write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nflow").ok()?;
            return Some(stream);
        }
        Reply::StallInBody => full("", 9),
        Reply::Huge(length) => full(&" ".repeat(length), length),
        Reply::Short(text) => full(&text, text.len() + 10),
        Reply::Garbage => "what?\r\n\r\n".to_owned(),
    };
    stream.write_all(text.as_bytes()).ok()?;
    stream.shutdown(std::net::Shutdown::Write).ok()?;
    // Until the other side has read everything.
    stream.read_to_end(&mut Vec::new()).ok()?;
    None
}

fn status(code: u16) -> String {
    format!("HTTP/1.1 {code} Said\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")
}
