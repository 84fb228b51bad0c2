//! Values in XML files.

use serde_json::{Value, json};
use slipway_edit::{Format, KeyPath, Options};

use crate::{assert_all_pass_in, changes, refused, with};

fn set(path: &str, value: impl Into<Value>) -> Value {
    json!({"op": "set", "path": path, "value": value.into()})
}

const POM: &str = "<?xml version=\"1.0\"?>\r\n<!DOCTYPE project [<!ENTITY v \"9\">]>\r\n<m:project xmlns:m=\"http://maven.apache.org/POM/4.0.0\">\r\n\
    \t<m:parent><m:version>1.0</m:version></m:parent>\r\n\
    \t<m:artifactId>shop</m:artifactId>\r\n\
    \t<m:version>\r\n\t\t1.4.0 <!-- bumped -->\r\n\t</m:version>\r\n\
    \t<m:dependencies>\r\n\
    \t\t<m:dependency><m:artifactId>a</m:artifactId><m:version>1.4.0</m:version></m:dependency>\r\n\
    \t\t<m:dependency><m:artifactId>b</m:artifactId><m:version>1.4.0</m:version></m:dependency>\r\n\
    \t</m:dependencies>\r\n\t<e>&v;</e>\r\n</m:project>";

const CSPROJ: &str = "\u{feff}<Project Sdk=\"Microsoft.NET.Sdk\">\n  <PropertyGroup>\n    <TargetFramework>net9.0</TargetFramework>\n  </PropertyGroup>\n\
    \x20 <PropertyGroup Condition=\"'$(X)'==''\">\n    <Version>1.0.0</Version>\n    <V2><![CDATA[1.0.0]]></V2>\n  </PropertyGroup>\n\
    \x20 <ItemGroup>\n    <PackageReference Include=\"a\" Version='1.0.0' />\n    <PackageReference Include=\"b\" Version='1.0.0' />\n  </ItemGroup>\n</Project>\n";

#[test]
fn any_of_repeated_elements_selects() {
    let file = "<p><s><host>a</host><host>b</host><tag>1</tag></s><s><host>c</host><tag>1</tag></s></p>";
    assert_all_pass_in(
        Format::XML,
        &[
            changes(set("p.s[host=a].tag", "2"), file, &file.replacen(">1<", ">2<", 1)),
            changes(set("p.s[host=b].tag", "2"), file, &file.replacen(">1<", ">2<", 1)),
            refused(set("p.s[host=d].tag", "2"), file, "path-not-found"),
        ],
    );
}

#[test]
fn elements_are_found_by_their_place() {
    assert_all_pass_in(
        Format::XML,
        &[
            changes(set("project.version", "1.5.0"), POM, &POM.replacen("1.4.0", "1.5.0", 1)),
            changes(set("project.parent.version", "1.5.0"), POM, &POM.replacen("1.0<", "1.5.0<", 1)),
            changes(
                set("project.dependencies.dependency[artifactId=b].version", "1.5.0"),
                POM,
                &POM.replace("b</m:artifactId><m:version>1.4.0", "b</m:artifactId><m:version>1.5.0"),
            ),
            changes(
                set("project.dependencies.dependency[0].version", "1.5.0"),
                POM,
                &POM.replace("a</m:artifactId><m:version>1.4.0", "a</m:artifactId><m:version>1.5.0"),
            ),
            changes(
                with(set("project.dependencies.dependency.version", "1.5.0"), "every", true),
                POM,
                &POM.replace("<m:version>1.4.0", "<m:version>1.5.0"),
            ),
            changes(
                set("Project.PropertyGroup.Version", "1.5.0"),
                CSPROJ,
                &CSPROJ.replace("<Version>1.0.0", "<Version>1.5.0"),
            ),
            changes(
                set("Project.PropertyGroup[1].Version", "1.5.0"),
                CSPROJ,
                &CSPROJ.replace("<Version>1.0.0", "<Version>1.5.0"),
            ),
            changes(set("Project.PropertyGroup.V2", "<2>"), CSPROJ, &CSPROJ.replace("[1.0.0]", "[<2>]")),
            changes(
                set("Project.ItemGroup.PackageReference[@Include=b].@Version", "it's"),
                CSPROJ,
                &CSPROJ.replace("\"b\" Version='1.0.0'", "\"b\" Version='it&apos;s'"),
            ),
            changes(set("Project.@Sdk", "x"), CSPROJ, &CSPROJ.replace("Microsoft.NET.Sdk", "x")),
            changes(set("a.b", "1<&>2"), "<a><b/></a>", "<a><b>1&lt;&amp;&gt;2</b></a>"),
            changes(set("a.b", "1"), "<a><x:b  /></a>", "<a><x:b  >1</x:b></a>"),
            changes(set("a.b", "1"), "<a><b></b></a>", "<a><b>1</b></a>"),
            changes(set("a.b", "1"), "<a><b><!-- c --></b></a>", "<a><b>1<!-- c --></b></a>"),
            changes(set("a", "2"), "<a>1</a>", "<a>2</a>"),
        ],
    );
}

#[test]
fn what_is_no_single_value_is_refused() {
    assert_all_pass_in(
        Format::XML,
        &[
            refused(set("project.dependencies.dependency.version", "2"), POM, "ambiguous-match"),
            refused(set("project.dependencies.dependency[2].version", "2"), POM, "path-not-found"),
            refused(set("project.dependencies.dependency[artifactId=c].version", "2"), POM, "path-not-found"),
            refused(set("project.dependencies.dependency[version=\"1.4.0\"].artifactId", "2"), POM, "ambiguous-match"),
            refused(set("project.name", "2"), POM, "path-not-found"),
            refused(set("version", "2"), POM, "path-not-found"),
            refused(set("project.parent", "2"), POM, "path-not-found"),
            refused(set("project.e", "2"), POM, "path-not-found"),
            refused(set("a", "2"), "<a>1<!-- -->2</a>", "path-not-found"),
            refused(set("a", "2"), "<a>1<![CDATA[2]]></a>", "path-not-found"),
            refused(set("a.b", "2"), "<a><b>${revision}</b></a>", "shared-value"),
            refused(set("a.b", "2"), "<a><b>$(Version)</b></a>", "shared-value"),
            refused(set("a.b", ""), "<a><b>1</b></a>", "invalid-input"),
            refused(set("a.b", " 1"), "<a><b>1</b></a>", "invalid-input"),
            refused(set("a.b", "\u{1}"), "<a><b>1</b></a>", "invalid-input"),
            refused(set("a.b", "]]>"), "<a><b><![CDATA[1]]></b></a>", "invalid-input"),
            refused(with(set("a.b", "1"), "create", true), "<a><c>1</c></a>", "invalid-input"),
        ],
    );
    let path: KeyPath = "project.dependencies.dependency.version".parse().expect("a path");
    let error = Format::XML.set(POM, &path, &"2".into(), &Options::default()).expect_err("two");
    assert_eq!(
        error.to_string(),
        "`project.dependencies.dependency.version` stands in 2 places of the file, at lines 10 and 11. \
         select one, as in `project.dependencies.dependency[0].version` or `project.dependencies.dependency[1].version`"
            .replace("10 and 11", "10, 11")
    );
    let content = Format::XML.read(POM).expect("parses");
    let names: KeyPath = "project.dependencies.dependency.artifactId".parse().expect("a path");
    assert_eq!(content.values(&names, &Options::default()).expect("texts").expect("there"), ["a", "b"]);
}

#[test]
fn what_is_no_xml_is_refused() {
    let broken = [
        "",
        "text",
        "<a>",
        "</a>",
        "<a></b>",
        "<a><b></a></b>",
        "<a/><b/>",
        "<a/>x",
        "<a b></a>",
        "<a b=c></a>",
        "<a b='c></a>",
        "<a b=\"<\"/>",
        "<a>&</a>",
        "<a>& b;</a",
        "<a>]]></a>",
        "<a><!-- -- --></a>",
        "<a><!-- </a>",
        "<a><![CDATA[</a>",
        "<a><?pi</a>",
        "<!DOCTYPE a [<!ENTITY",
        "<1a/>",
        "< a/>",
        "<a>\0</a>",
        "<a/><?xml version=\"1.0\"?>",
        "<a/><!DOCTYPE a>",
    ];
    let cases: Vec<Value> = broken.iter().map(|broken| refused(set("a", "x"), broken, "invalid-file")).collect();
    assert_all_pass_in(Format::XML, &cases);
    let entities = "<!DOCTYPE a [<!ENTITY a \"ha\"><!ENTITY b \"&a;&a;&a;&a;\">]><a><b>&b;</b><c>1</c></a>";
    let attributes = format!("<a {}><b>1</b></a>", "c='' ".repeat(700_000));
    assert_all_pass_in(
        Format::XML,
        &[
            refused(set("a.b", "x"), entities, "path-not-found"),
            changes(set("a.c", "x"), entities, &entities.replace("<c>1", "<c>x")),
            changes(set("a.b", "x"), &attributes, &attributes.replace("<b>1", "<b>x")),
            refused(set("a", "x"), &"<a>".repeat(1_000_000), "invalid-file"),
            refused(set("a", "x"), &"<".repeat(4_000_000), "invalid-file"),
            refused(set("a", "x"), &format!("<a>{}</a>", "<b>1</b>".repeat(400_000)), "path-not-found"),
        ],
    );
}
