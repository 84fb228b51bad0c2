//! The order of keys: that of the Unicode Collation Algorithm's root table, which is JavaScript's `localeCompare`.

use std::cmp::Ordering;

/// The printable characters of ASCII before the digits, in their order. White space comes before them.
const SIGNS: &str = " _-,;:!?.'\"()[]{}@*/\\&#%`^+<=>|~$";

/// Compares two keys: by their letters without case, then small letters before capital ones.
pub(super) fn compare(left: &str, right: &str) -> Ordering {
    let letters = left.chars().map(letter).cmp(right.chars().map(letter));
    letters.then_with(|| left.bytes().map(is_capital).cmp(right.bytes().map(is_capital))).then(left.cmp(right))
}

fn is_capital(byte: u8) -> bool {
    byte.is_ascii_uppercase()
}

/// Where a character stands, its case aside. Characters beyond ASCII follow in the order of their numbers.
fn letter(character: char) -> u32 {
    const DIGITS: u32 = 0x40;
    match character {
        '0'..='9' => DIGITS + u32::from(character) - u32::from('0'),
        'a'..='z' | 'A'..='Z' => DIGITS + u32::from(character.to_ascii_lowercase()),
        _ if character.is_ascii() => SIGNS.find(character).map_or(0, |place| place as u32 + 1),
        _ => DIGITS + u32::from(character),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_have_the_order_of_the_root_collation() {
        let expected = [
            "_", "-", ",", ";", ":", "!", "?", ".", "'", "\"", "(", ")", "[", "]", "{", "}", "@", "*", "/", "\\", "&",
            "#", "%", "`", "^", "+", "<", ">", "|", "~", "$", "0", "9", "a", "A", "a b", "a_b", "A_B", "a-b", "a.b",
            "ab", "aB", "Ab", "AB", "z", "Z", "é",
        ];
        let mut keys = expected;
        keys.reverse();
        keys.sort_unstable_by(|left, right| compare(left, right));
        assert_eq!(keys, expected);
    }
}
