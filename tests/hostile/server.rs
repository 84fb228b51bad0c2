//! A server that says what it likes, byte by byte.

use std::io::{Read, Write};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::thread::JoinHandle;
use std::time::Duration;

/// A connection that was accepted.
pub(crate) struct Connection {
    stream: TcpStream,
    over: Arc<AtomicBool>,
}

impl Connection {
    /// Reads one request's head; empty when the client went away.
    pub(crate) fn head(&mut self) -> String {
        let mut head = Vec::new();
        let mut byte = [0];
        while !head.ends_with(b"\r\n\r\n") && self.goes_on() {
            match self.stream.read(&mut byte) {
                Ok(1) => head.push(byte[0]),
                Err(error) if is_pause(&error) => {}
                _ => break,
            }
        }
        String::from_utf8_lossy(&head).into_owned()
    }

    /// Sends bytes; false when the client or the test is gone.
    pub(crate) fn say(&mut self, bytes: impl AsRef<[u8]>) -> bool {
        let mut rest = bytes.as_ref();
        while !rest.is_empty() && self.goes_on() {
            match self.stream.write(rest) {
                Ok(length) => rest = &rest[length..],
                Err(error) if is_pause(&error) => {}
                Err(_) => return false,
            }
        }
        self.goes_on()
    }

    /// Waits; false when the test is over.
    pub(crate) fn wait(&self, duration: Duration) -> bool {
        let steps = duration.as_millis() / 10;
        (0..steps).all(|_| {
            std::thread::sleep(Duration::from_millis(10));
            self.goes_on()
        })
    }

    /// Hands everything on in both directions until either side is done.
    pub(crate) fn tunnel(self, to: &str) {
        let other = TcpStream::connect(to).unwrap();
        let over = Arc::clone(&self.over);
        let there = (self.stream.try_clone().unwrap(), other.try_clone().unwrap());
        std::thread::scope(|scope| {
            scope.spawn(|| copy(there.0, there.1, &over));
            copy(other, self.stream, &over);
        });
    }

    fn goes_on(&self) -> bool {
        !self.over.load(Ordering::Relaxed)
    }
}

fn copy(mut from: TcpStream, mut to: TcpStream, over: &AtomicBool) {
    from.set_read_timeout(Some(Duration::from_millis(20))).unwrap();
    let mut buffer = [0; 4096];
    while !over.load(Ordering::Relaxed) {
        match from.read(&mut buffer) {
            Ok(length @ 1..) if to.write_all(&buffer[..length]).is_ok() => {}
            Err(error) if is_pause(&error) => {}
            _ => break,
        }
    }
    let _ = (from.shutdown(Shutdown::Both), to.shutdown(Shutdown::Both));
}

fn is_pause(error: &std::io::Error) -> bool {
    matches!(error.kind(), std::io::ErrorKind::WouldBlock | std::io::ErrorKind::TimedOut)
}

/// A listening port of this machine. Dropping it ends every connection.
pub(crate) struct Server {
    address: std::net::SocketAddr,
    over: Arc<AtomicBool>,
    heads: Arc<Mutex<Vec<String>>>,
    thread: Option<JoinHandle<()>>,
}

impl Server {
    /// Answers each connection by `answer`, which is given the request's head.
    pub(crate) fn start(answer: impl Fn(&str, Connection) + Send + Sync + 'static) -> Self {
        Self::listen("127.0.0.1:0", answer)
    }

    /// The same on an address of its own.
    pub(crate) fn listen(address: &str, answer: impl Fn(&str, Connection) + Send + Sync + 'static) -> Self {
        let listener = TcpListener::bind(address).unwrap();
        listener.set_nonblocking(true).unwrap();
        let address = listener.local_addr().unwrap();
        let over = Arc::new(AtomicBool::new(false));
        let heads = Arc::new(Mutex::new(Vec::new()));
        let (ended, heard) = (Arc::clone(&over), Arc::clone(&heads));
        let thread = std::thread::spawn(move || {
            std::thread::scope(|scope| {
                while !ended.load(Ordering::Relaxed) {
                    let Ok((stream, _)) = listener.accept() else {
                        std::thread::sleep(Duration::from_millis(2));
                        continue;
                    };
                    let (ended, heard, answer) = (&ended, &heard, &answer);
                    scope.spawn(move || {
                        stream.set_nonblocking(false).unwrap();
                        stream.set_read_timeout(Some(Duration::from_millis(20))).unwrap();
                        stream.set_write_timeout(Some(Duration::from_millis(20))).unwrap();
                        let mut connection = Connection { stream, over: Arc::clone(ended) };
                        let head = connection.head();
                        heard.lock().unwrap().push(head.clone());
                        answer(&head, connection);
                    });
                }
            });
        });
        Self { address, over, heads, thread: Some(thread) }
    }

    /// Sends the same bytes to everybody and closes.
    pub(crate) fn answering(answer: impl Into<Vec<u8>>) -> Self {
        let answer = answer.into();
        Self::start(move |_, mut connection| {
            connection.say(&answer);
        })
    }

    /// `127.0.0.1:PORT`.
    pub(crate) fn address(&self) -> String {
        self.address.to_string()
    }

    /// `http://127.0.0.1:PORT` and a path.
    pub(crate) fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.address)
    }

    /// The heads of all requests so far.
    pub(crate) fn heads(&self) -> Vec<String> {
        self.heads.lock().unwrap().clone()
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.over.store(true, Ordering::Relaxed);
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}
