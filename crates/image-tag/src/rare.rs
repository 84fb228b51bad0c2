//! Futures that most runs never wait for.

use std::pin::Pin;

/// Keeps the code of a future out of the function that awaits it: V8 compiles a function whole when it is first called, so what
/// rarely runs would delay every start.
#[inline(never)]
pub(crate) fn rare<'a, T>(future: impl Future<Output = T> + 'a) -> Pin<Box<dyn Future<Output = T> + 'a>> {
    Box::pin(future)
}
