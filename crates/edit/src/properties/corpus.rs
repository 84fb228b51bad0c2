//! The properties of every format.

use crate::corpus::{
    any_text_is_read_back_or_refused, broken_files_are_errors_and_never_panics, each_value_is_replaced_alone,
    keys_and_items_come_and_go,
};
use crate::format::Format;

const PROPERTIES: &[&str] = &[
    "# c\n! c = d\nversion=1.2.3\norg.gradle.jvmargs=-Xmx2g -XX\\:x\n\n\n  a : b\nc d\nf=\ng\\ h = i\\\n    j\\u00e9k\n",
    "\u{feff}version = 1.0\r\na\t=\tb \r\n\r\nc=x\\\r\n  \\\r\n  y",
    "empty=\nk\\=\\:\\#=v\\t\\n\\\\\nü=é💥\n:x\n",
];

const DOTENV: &[&str] = &[
    "# c\nVERSION=1.2.3\nexport REGION=eu # c\nA=\"x \\\"y\\\" \\n$z\" # c\nB='it is'\nC=\nD= # empty\nE=a#b\nF = g h \n",
    "\u{feff}A=1\r\nB=\"2\r\n3\"\r\n\r\n  C='4'  \r\nD=5",
];

#[test]
fn values_are_replaced_alone() {
    each_value_is_replaced_alone(Format::PROPERTIES, PROPERTIES, 12);
    each_value_is_replaced_alone(Format::DOTENV, DOTENV, 12);
}

#[test]
fn any_text_is_read_back() {
    any_text_is_read_back_or_refused(Format::PROPERTIES, PROPERTIES);
    any_text_is_read_back_or_refused(Format::DOTENV, DOTENV);
}

#[test]
fn broken_files_never_panic() {
    broken_files_are_errors_and_never_panics(Format::PROPERTIES, PROPERTIES);
    broken_files_are_errors_and_never_panics(Format::DOTENV, DOTENV);
}

#[test]
fn lines_come_and_go() {
    keys_and_items_come_and_go(Format::PROPERTIES, PROPERTIES, 3, 12);
    keys_and_items_come_and_go(Format::DOTENV, DOTENV, 2, 12);
}
