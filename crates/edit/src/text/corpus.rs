//! The properties of every format.

use crate::corpus::{
    any_text_is_read_back_or_refused, broken_files_are_errors_and_never_panics, each_value_is_replaced_alone,
};
use crate::format::Format;

const WHOLE: &[&str] = &["1.2.3", "1.2.3\n", "\u{feff}\r\n  v1.2.3-rc.1 \r\n\r\n", "", "\n"];

const MARKED: &[&str] = &[
    "# Shop\n\n    uses: acme/shop@v1.2.3 # slipway:version\n\nand 9.9.9\n<!-- slipway:begin version -->\n| a | 1.2.3-rc.1+b |\nnothing\nhttps://x/1.2.3/shop-1.2.3.tar.gz\n<!-- slipway:end -->\n1.2.3",
    "\u{feff}ENV VERSION=\"1.2.3\" # slipway:version\r\nhttps://x/slipway:version 1.2.3\r\n",
];

#[test]
fn values_are_replaced_alone() {
    each_value_is_replaced_alone(Format::WHOLE, WHOLE, 5);
}

#[test]
fn any_text_is_read_back() {
    any_text_is_read_back_or_refused(Format::WHOLE, WHOLE);
    any_text_is_read_back_or_refused(Format::MARKED, &MARKED[1..]);
}

#[test]
fn broken_files_never_panic() {
    broken_files_are_errors_and_never_panics(Format::WHOLE, WHOLE);
    broken_files_are_errors_and_never_panics(Format::MARKED, MARKED);
}
