use slipway_core::ErrorKind;

use super::*;

const KNOWN: Vocabulary =
    Vocabulary { names: &["branch", "tag", "major", "is_default_branch", "is_not_default_branch"], dates: true };

struct Fixed;

impl Scope for Fixed {
    fn value(&self, name: &str) -> Option<Value> {
        match name {
            "branch" => Some("r&d".into()),
            "tag" => Some("".into()),
            "major" => Some(Value::Number(0)),
            "is_default_branch" => Some(Value::Boolean(false)),
            "is_not_default_branch" => Some(Value::Boolean(true)),
            _ => None,
        }
    }

    fn date(&self, clock: Clock, format: &str, zone: &str) -> String {
        format!("[{clock:?} {format} {zone}]")
    }
}

fn render(text: &str) -> String {
    Template::parse(text, &KNOWN).unwrap_or_else(|error| panic!("{text}: {error}")).render(&Fixed)
}

#[test]
fn names_are_replaced_as_they_are() {
    for (text, expected) in [
        ("{{branch}}", "r&d"),
        ("a{{ branch }}b{{{branch}}}c{{{ branch }}}{{&branch}}", "ar&dbr&dcr&dr&d"),
        ("{{unknown}}x{{is_default_branch}}{{major}}", "xfalse0"),
        ("{{this.branch}}{{./branch}}{{@root.branch}}{{[branch]}}{{'branch'}}", "r&dr&dr&dr&dr&d"),
        ("{{branch.length}}{{../branch}}.", "."),
        ("{{branch 'x' y=1}}", "r&d"),
        ("a\\{{branch}}b{{branch}}", "a{{branch}}br&d"),
        ("a\\\\{{branch}}", "a\\r&d"),
        ("a\\{{branch", "a{{branch"),
        ("plain }} text {", "plain }} text {"),
        ("é{{branch}}é", "ér&dé"),
        ("a {{~branch~}} b", "ar&db"),
        ("a {{~{branch}~}} b", "ar&db"),
        ("a{{! none }}b{{!-- }} {{x}} --}}c {{~! x ~}} d", "abcd"),
    ] {
        assert_eq!(render(text), expected, "{text}");
    }
}

#[test]
fn conditions_take_false_as_false() {
    for (text, expected) in [
        ("{{#if branch}}yes{{else}}no{{/if}}", "yes"),
        ("{{#if tag}}yes{{else}}no{{/if}}", "no"),
        ("{{#if unknown}}yes{{/if}}.", "."),
        ("{{#if is_default_branch}}yes{{^}}no{{/if}}", "no"),
        ("{{#if is_not_default_branch}}{{#unless tag}}both{{/unless}}{{/if}}", "both"),
        ("{{#if major}}yes{{else}}zero{{/if}}", "zero"),
        ("{{#if 0}}a{{else if false}}b{{else if ''}}c{{else if branch}}d{{else}}e{{/if}}", "d"),
        ("{{#if tag}}a{{else unless tag}}b{{/if}}", "b"),
        ("{{^if tag}}none{{/if}}{{^unless tag}}some{{/unless}}", "none"),
        ("{{#if (date 'YYYY')}}yes{{/if}}", "yes"),
        ("x {{~#if branch~}} y {{~else~}} z {{~/if~}} w", "xyw"),
        ("{{#if null}}a{{/if}}{{#if undefined}}b{{/if}}{{#if 1}}c{{/if}}", "c"),
    ] {
        assert_eq!(render(text), expected, "{text}");
    }
}

#[test]
fn dates_have_a_format_and_a_zone() {
    for (text, expected) in [
        ("{{date 'YYYY'}}", "[Now YYYY UTC]"),
        ("{{commit_date \"YYYY }}\" tz='Asia/Tokyo'}}", "[Commit YYYY }} Asia/Tokyo]"),
        ("{{date 'h [o\\'clock]' tz = \"UTC\"}}", "[Now h [o'clock] UTC]"),
        ("{{date branch}}{{date (date 'x')}}", "[Now r&d UTC][Now [Now x UTC] UTC]"),
    ] {
        assert_eq!(render(text), expected, "{text}");
    }
    let template = Template::parse("{{#if (date 'a')}}{{commit_date 'b' tz='EST'}}{{/if}}", &KNOWN).unwrap();
    assert_eq!(template.dates(), [(Clock::Now, "UTC"), (Clock::Commit, "EST")]);
}

#[test]
fn what_is_not_known_is_refused_by_name() {
    for (text, expected) in [
        ("a{{branch", "an expression has no end"),
        ("{{{branch}}", "an expression has no end"),
        ("{{branch}}}", "an expression ends with more braces than it starts with"),
        ("{{}}", "an expression has no name"),
        ("{{> part}}", "partials (`{{>`)"),
        ("{{#> part}}{{/part}}", "partials and decorators"),
        ("{{* x}}", "decorators (`{{*`)"),
        ("{{{{raw}}}}x{{{{/raw}}}}", "raw blocks"),
        ("{{nope 'x'}}", "`nope` is no function"),
        ("{{log 'x'}}", "`{{log}}` is left out on purpose"),
        ("{{lookup this 'branch'}}", "`{{lookup}}` is left out on purpose"),
        ("{{#each this}}{{/each}}", "the block `{{#each}}` is left out on purpose"),
        ("{{#with branch}}{{this}}{{/with}}", "the block `{{#with}}` is left out on purpose"),
        ("{{#branch}}{{/branch}}", "the block `{{#branch}}` is left out on purpose"),
        ("{{if branch 'x'}}", "`if` is a block"),
        ("{{#if}}{{/if}}", "takes exactly one condition"),
        ("{{#if tag branch}}{{/if}}", "takes exactly one condition"),
        ("{{#if tag as |x|}}{{/if}}", "`|` is not known"),
        ("{{#if tag}}", "`{{#if}}` ends with the end"),
        ("{{#if tag}}{{/unless}}", "`{{#if}}` ends with `{{/unless}}`"),
        ("{{#if tag}}{{else}}{{else}}{{/if}}", "`{{#if}}` ends with `{{else}}`"),
        ("{{/if}}", "`{{/if}}` stands outside of a block"),
        ("{{else}}", "`{{else}}` stands outside of a block"),
        ("{{date}}{{date 'a' 'b'}}", "`date` takes exactly one format"),
        ("{{date 'a' tz=''}}", "`tz` takes a time zone in quotes"),
        ("{{date 'a' tz=branch}}", "`tz` takes a time zone in quotes"),
        ("{{date 'a' zone='UTC'}}", "`date` takes `tz` and not `zone`"),
        ("{{date tz='UTC' 'a'}}", "comes last"),
        ("{{date 'a}}", "a text in quotes has no end"),
        ("{{! x", "a comment has no end"),
        ("{{!-- x }}", "a comment has no end"),
        ("{{a+b}}", "`+` is not known"),
    ] {
        let error = Template::parse(text, &KNOWN).err().map(|error| error.to_string()).unwrap_or_default();
        assert!(error.contains(expected), "{text}: {error}");
    }
}

#[test]
fn hostile_texts_end() {
    let deep = "{{#if branch}}".repeat(50_000);
    let parentheses = format!("{{{{date {}}}}}", "(date ".repeat(50_000));
    let chain = format!("{{{{#if tag}}}}{}{{{{/if}}}}", "{{else if tag}}".repeat(50_000));
    let braces = "{".repeat(1_000_000);
    let backslashes = format!("{}{{{{branch}}}}", "\\".repeat(1_000_000));
    for text in [&deep, &parentheses, &chain, &braces] {
        assert_eq!(Template::parse(text, &KNOWN).unwrap_err().kind(), ErrorKind::InvalidInput);
    }
    assert!(Template::parse(&backslashes, &KNOWN).is_ok());
}

#[test]
fn names_without_a_value_are_told_with_the_nearest_one() {
    let warnings = |text: &str| Template::parse(text, &KNOWN).unwrap().warnings();
    assert_eq!(
        warnings("{{brnach}}{{#if xyzzy}}{{branch}}{{/if}}"),
        [
            "`{{brnach}}` is not known here and stays empty; did you mean `{{branch}}`?",
            "`{{xyzzy}}` is not known here and stays empty"
        ]
    );
    let fields = Vocabulary { names: &["raw"], dates: false };
    assert!(Template::parse("{{date 'x'}}", &fields).is_err());
    assert_eq!(Template::parse("{{date}}", &fields).unwrap().warnings().len(), 1);
    assert!(Template::parse("{{ raw }}", &fields).unwrap().is_only("raw"));
    assert!(Template::parse("{{{raw}}}", &fields).unwrap().is_only("raw"));
    assert!(!Template::parse("v{{raw}}", &fields).unwrap().is_only("raw"));
}
