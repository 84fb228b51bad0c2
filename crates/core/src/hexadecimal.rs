//! Bytes as text.

/// Two lower-case hexadecimal digits for every byte.
pub fn hexadecimal(bytes: &[u8]) -> String {
    const DIGITS: &[u8; 16] = b"0123456789abcdef";
    bytes.iter().flat_map(|byte| [byte >> 4, byte & 15]).map(|digit| char::from(DIGITS[usize::from(digit)])).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_byte_has_two_digits() {
        assert_eq!(hexadecimal(&[0, 1, 0x7f, 0xa0, 0xff]), "00017fa0ff");
        assert_eq!(hexadecimal(&[]), "");
    }
}
