//! Ratios of gamma functions.

/// From here on Stirling's series is exact to the last digits of a double.
const STIRLING_FROM: f64 = 10.0;

/// `ln(Γ(a + n) / Γ(a))`: the logarithm of `a (a + 1) … (a + n − 1)`, for `a` above 0 and `n` from 0 on.
///
/// The two logarithms of gamma functions are never subtracted from each other: both can be a million where their difference is one.
pub(super) fn ln_rising(a: f64, n: f64) -> f64 {
    // The product itself, as far as it is short.
    if n <= 16.0 && n.fract() == 0.0 && a < 1e15 {
        let factors = (0..n as u32).map(|factor| a + f64::from(factor));
        return factors.product::<f64>().ln();
    }
    let (mut start, mut below) = (a, 1.0);
    let mut above = 1.0;
    while start < STIRLING_FROM {
        below *= start;
        above *= start + n;
        start += 1.0;
    }
    let end = start + n;
    let stirling = n * end.ln() + (start - 0.5) * (end / start).ln() - n + tail(end) - tail(start);
    // Γ(a + n) / Γ(a) = Γ(start + n) / Γ(start) · below / above.
    if start > a { stirling + (below / above).ln() } else { stirling }
}

/// What Stirling's formula leaves: `1/12x − 1/360x³ + 1/1260x⁵ − …`.
fn tail(x: f64) -> f64 {
    let inverse = 1.0 / x;
    let square = inverse * inverse;
    inverse
        * (1.0 / 12.0 - square * (1.0 / 360.0 - square * (1.0 / 1260.0 - square * (1.0 / 1680.0 - square / 1188.0))))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_is_the_logarithm_of_the_product() {
        for (a, n) in [(0.01, 0), (0.01, 1), (0.3, 5), (2.5, 16), (0.7, 17), (9.99, 40), (10.0, 1000), (5e4, 300)] {
            let expected: f64 = (0..n).map(|factor| (a + f64::from(factor)).ln()).sum();
            let found = ln_rising(a, f64::from(n));
            assert!((found - expected).abs() <= 1e-12 * (1.0 + expected.abs()), "{a} {n}: {found} {expected}");
        }
    }

    #[test]
    fn halves_are_between() {
        // Γ(5.5 + 0.5) / Γ(5.5) = 120 / 52.34277778455352.
        assert!((ln_rising(5.5, 0.5) - (120.0_f64 / 52.342_777_784_553_52).ln()).abs() < 1e-12);
    }
}
