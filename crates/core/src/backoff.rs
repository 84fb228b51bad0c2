//! Pauses between attempts that many runs make at once.

use std::time::Duration;

use crate::host::Host;

/// Decorrelated jitter: every pause is drawn between the shortest and three times the one before, so that runs that met once do not
/// meet again.
#[derive(Clone, Debug)]
pub struct Backoff {
    shortest: Duration,
    longest: Duration,
    last: Duration,
}

impl Backoff {
    /// Begins with the shortest pause; none is longer than the longest.
    pub fn new(shortest: Duration, longest: Duration) -> Self {
        Self { shortest, longest, last: shortest }
    }

    /// Draws the next pause.
    pub fn draw<H: Host>(&mut self, host: &H) -> Duration {
        let [high, low, ..] = host.random();
        let share = f64::from(u16::from_be_bytes([high, low])) / f64::from(u16::MAX);
        let ceiling = self.last.saturating_mul(3).min(self.longest);
        self.last = self.shortest + ceiling.saturating_sub(self.shortest).mul_f64(share);
        self.last
    }

    /// Waits for the next pause.
    pub async fn pause<H: Host>(&mut self, host: &H) {
        host.sleep(self.draw(host)).await;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::host::native::NativeHost;

    #[test]
    fn pauses_grow_and_stay_within_their_bounds() {
        let host = NativeHost::new();
        let (shortest, longest) = (Duration::from_millis(100), Duration::from_secs(5));
        let mut backoff = Backoff::new(shortest, longest);
        let mut last = shortest;
        let mut largest = Duration::ZERO;
        for _ in 0..500 {
            let pause = backoff.draw(&host);
            assert!(pause >= shortest && pause <= longest && pause <= last * 3, "{pause:?} after {last:?}");
            (last, largest) = (pause, largest.max(pause));
        }
        assert!(largest > longest / 2, "{largest:?}");
    }
}
