//! Escapes and classes in regular expressions.

use crate::Result;

use super::invalid;
use super::set::Set;
use super::syntax::Parser;

/// What stands after a backslash.
pub(super) enum Escape {
    /// One character, by its number.
    Character(u32),
    /// Several, such as `\d`.
    Set(Set),
}

impl<'s> Parser<'s> {
    /// Reads what stands after a backslash; `\b` and `\B` mean places outside of classes and are read before.
    pub(super) fn escape(&mut self, is_in_class: bool) -> Result<Escape> {
        let before = self.rest;
        let Some(letter) = self.next() else { return Err(self.wrong("a backslash stands alone")) };
        if let Some(set) = Set::named(letter) {
            return Ok(Escape::Set(set));
        }
        let code = match letter {
            't' => 0x09,
            'n' => 0x0a,
            'v' => 0x0b,
            'f' => 0x0c,
            'r' => 0x0d,
            'b' if is_in_class => 0x08,
            'c' => match self.control(is_in_class) {
                Some(code) => code,
                None if self.flags.unicode => return Err(self.wrong("`\\c` needs a letter")),
                None => {
                    // The backslash stands for itself.
                    self.rest = before;
                    '\\'.into()
                }
            },
            '0'..='9' => self.number(before, letter, is_in_class)?,
            'x' => match self.hexadecimal(2) {
                Some(code) => code,
                None => self.identity(letter, is_in_class)?,
            },
            'u' => match self.unicode() {
                Some(code) => code,
                None => self.identity(letter, is_in_class)?,
            },
            'k' if self.groups.has_names || self.flags.unicode => return Err(back_reference("\\k")),
            'p' | 'P' if self.flags.unicode => {
                return Err(invalid(format!("the Unicode property `\\{letter}` is not supported"))
                    .hint("write the characters as a class, such as `[A-Za-z]`"));
            }
            other => self.identity(other, is_in_class)?,
        };
        Ok(Escape::Character(code))
    }

    /// The character itself; with the flag `u`, only where a backslash has a purpose.
    fn identity(&self, letter: char, is_in_class: bool) -> Result<u32> {
        if self.flags.unicode && !"^$\\.*+?()[]{}|/".contains(letter) && !(is_in_class && letter == '-') {
            return Err(
                invalid(format!("`\\{letter}` means nothing with the flag `u`")).hint("leave the backslash out")
            );
        }
        Ok(letter.into())
    }

    fn control(&mut self, is_in_class: bool) -> Option<u32> {
        let letter = self.rest.chars().next()?;
        let is_legacy = is_in_class && !self.flags.unicode && (letter.is_ascii_digit() || letter == '_');
        if !letter.is_ascii_alphabetic() && !is_legacy {
            return None;
        }
        self.next();
        Some(u32::from(letter) % 32)
    }

    /// A back-reference, which is refused, or a character by its number in base 8.
    fn number(&mut self, before: &'s str, first: char, is_in_class: bool) -> Result<u32> {
        let digits = |text: &str, is_digit: fn(&char) -> bool| text.chars().take_while(is_digit).count();
        let decimal = digits(before, char::is_ascii_digit);
        if first == '0' && decimal == 1 {
            return Ok(0);
        }
        let referred: u32 = before[..decimal].parse().unwrap_or(u32::MAX);
        let is_reference = first != '0' && !is_in_class && referred <= self.groups.count;
        if is_reference || self.flags.unicode {
            return Err(back_reference(&format!("\\{}", &before[..decimal])));
        }
        if first > '7' {
            return Ok(first.into());
        }
        let most = if first < '4' { 3 } else { 2 };
        let octal = digits(before, |c| ('0'..='7').contains(c)).min(most);
        self.rest = &before[octal..];
        Ok(u32::from_str_radix(&before[..octal], 8).unwrap_or_default())
    }

    fn hexadecimal(&mut self, length: usize) -> Option<u32> {
        let digits = self.rest.get(..length).filter(|digits| digits.bytes().all(|byte| byte.is_ascii_hexdigit()))?;
        self.rest = &self.rest[length..];
        u32::from_str_radix(digits, 16).ok()
    }

    fn unicode(&mut self) -> Option<u32> {
        if self.flags.unicode
            && let Some((digits, after)) = self.rest.strip_prefix('{').and_then(|rest| rest.split_once('}'))
            && let Some(code) = u32::from_str_radix(digits, 16).ok().filter(|code| *code <= 0x10_ffff)
        {
            self.rest = after;
            return Some(code);
        }
        let code = self.hexadecimal(4)?;
        let after_first = self.rest;
        if (0xd800..0xdc00).contains(&code) && self.eat("\\u") {
            match self.hexadecimal(4) {
                Some(low @ 0xdc00..0xe000) => return Some(0x1_0000 + ((code - 0xd800) << 10) + (low - 0xdc00)),
                _ => self.rest = after_first,
            }
        }
        Some(code)
    }

    /// Reads a class after its `[`.
    pub(super) fn class(&mut self) -> Result<Set> {
        let is_negated = self.eat("^");
        let (mut own, mut named) = (Set::default(), Set::default());
        while !self.eat("]") {
            let first = self.class_atom()?;
            let is_range = self.rest.starts_with('-') && !self.rest.starts_with("-]");
            if !is_range {
                match first {
                    Escape::Character(code) => own.add(code, code),
                    Escape::Set(set) => named.extend(&set),
                }
                continue;
            }
            self.next();
            match (first, self.class_atom()?) {
                (Escape::Character(first), Escape::Character(last)) if first <= last => own.add(first, last),
                (Escape::Character(_), Escape::Character(_)) => {
                    return Err(self.wrong("a range in a class is out of order, before what stands"));
                }
                _ if self.flags.unicode => return Err(self.wrong("a range in a class has no end, before what stands")),
                (first, last) => {
                    own.add('-'.into(), '-'.into());
                    for part in [first, last] {
                        match part {
                            Escape::Character(code) => own.add(code, code),
                            Escape::Set(set) => named.extend(&set),
                        }
                    }
                }
            }
        }
        let mut set = self.cased(own);
        set.extend(&named);
        Ok(if is_negated { set.complement() } else { set })
    }

    fn class_atom(&mut self) -> Result<Escape> {
        match self.next() {
            Some('\\') => self.escape(true),
            Some(character) => Ok(Escape::Character(character.into())),
            None => Err(self.wrong("a `[` is not closed")),
        }
    }
}

fn back_reference(text: &str) -> crate::Error {
    invalid(format!("the back-reference `{text}` is not supported, because it can take for ever"))
        .hint("write the same part of the expression again")
}
