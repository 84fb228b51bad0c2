//! XML reports, event by event.

use quick_xml::Reader;
use quick_xml::events::{BytesStart, Event};

/// Hands out the events; entities are those of XML itself, and a document type is passed over.
///
/// # Errors
/// What is wrong with the document, for people.
pub(super) fn events(text: &[u8], take: &mut dyn FnMut(&Event<'_>)) -> Result<(), String> {
    let text = std::str::from_utf8(text).map_err(|_| "it is not UTF-8".to_owned())?;
    let mut reader = Reader::from_str(text);
    let mut depth = 0_usize;
    loop {
        match reader.read_event() {
            Ok(Event::Eof) if depth > 0 => return Err("it is cut off".into()),
            Ok(Event::Eof) => return Ok(()),
            Ok(event) => {
                match event {
                    Event::Start(_) => depth += 1,
                    Event::End(_) => depth = depth.saturating_sub(1),
                    _ => {}
                }
                take(&event);
            }
            Err(error) => return Err(format!("it is not well-formed XML: {error}")),
        }
    }
}

/// An attribute of an element.
pub(super) fn attribute(element: &BytesStart<'_>, name: &str) -> Option<String> {
    let found = element.attributes().flatten().find(|attribute| attribute.key.as_ref() == name)?;
    quick_xml::escape::unescape(&found.value).ok().map(|text| text.into_owned())
}
