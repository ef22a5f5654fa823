//! What must be true of every page: as markup, and as a browser shows it.

use super::SECTIONS;
use super::browser::Session;
use serde_json::json;

/// Elements without an end.
const VOID: [&str; 4] = ["meta", "br", "img", "link"];

/// Sees that tags close in order, ids are unique, references to them lead somewhere, and nothing is loaded.
pub fn validate(page: &str) {
    assert!(page.starts_with("<!DOCTYPE html><html lang=\"en\">"));
    let (mut open, mut ids, mut targets) = (Vec::new(), Vec::new(), Vec::new());
    let mut rest = &page["<!DOCTYPE html>".len()..];
    while let Some(start) = rest.find('<') {
        let end = start + rest[start..].find('>').expect("a tag ends");
        let tag = &rest[start + 1..end];
        rest = &rest[end + 1..];
        if let Some(name) = tag.strip_prefix('/') {
            assert_eq!(open.pop().as_deref(), Some(name), "</{name}> closes what is open");
            continue;
        }
        let name = tag.split([' ', '/']).next().unwrap().to_owned();
        assert!(name.chars().all(|letter| letter.is_ascii_alphanumeric()), "<{tag}>");
        for (attribute, value) in attributes(&tag[name.len()..]) {
            let outside = ["http:", "https:", "//", "javascript:"]
                .iter()
                .any(|start| value.starts_with(start));
            assert!(!outside || attribute == "xmlns", "{attribute}={value}");
            match attribute.as_str() {
                "id" => ids.push(value),
                "href" if !value.starts_with("data:") => targets.push(value.strip_prefix('#').unwrap().to_owned()),
                "src" | "href" => assert!(value.starts_with("data:image/png;base64,"), "{value}"),
                "aria-labelledby" => targets.push(value),
                name if name.starts_with("on") => panic!("<{tag}> has a handler"),
                _ => {}
            }
        }
        if matches!(name.as_str(), "script" | "style") {
            let close = format!("</{name}>");
            let text = &rest[..rest.find(&close).expect("it closes")];
            assert!(!text.contains("http") && !text.contains("url(") && !text.contains("@import"));
            rest = &rest[text.len() + close.len()..];
        } else if !tag.ends_with('/') && !VOID.contains(&name.as_str()) {
            open.push(name);
        }
    }
    assert!(open.is_empty(), "{open:?} are left open");
    let unique: std::collections::BTreeSet<&String> = ids.iter().collect();
    assert_eq!(unique.len(), ids.len(), "{ids:?}");
    assert!(
        targets.iter().all(|target| unique.contains(target)),
        "{targets:?} in {ids:?}"
    );
}

/// `name="value"`, or a name alone.
fn attributes(text: &str) -> Vec<(String, String)> {
    let mut found = Vec::new();
    let mut rest = text.trim_end_matches('/').trim();
    while !rest.is_empty() {
        let end = rest.find(['=', ' ']).unwrap_or(rest.len());
        let name = rest[..end].to_owned();
        assert!(!name.is_empty(), "{text}");
        rest = &rest[end..];
        let mut value = "";
        if let Some(quoted) = rest.strip_prefix("=\"") {
            let close = quoted.find('"').expect("a value is quoted");
            (value, rest) = (&quoted[..close], &quoted[close + 1..]);
        }
        found.push((name, value.to_owned()));
        rest = rest.trim_start();
    }
    found
}

/// What must be true of the page in a window of any width.
pub fn check(session: &Session<'_>, width: u32) {
    assert_eq!(
        session.run("return innerWidth"),
        width,
        "the window is as wide as was asked"
    );
    let scroll = session
        .run("return document.scrollingElement.scrollWidth")
        .as_u64()
        .unwrap();
    assert!(
        scroll <= u64::from(width),
        "{scroll} px of page in {width} px of window"
    );
    for section in SECTIONS {
        let script = format!("return document.getElementById('{section}').getBoundingClientRect().height");
        let height = session.run(&script).as_f64().unwrap();
        assert!(height > 60.0, "{section} is {height} px high");
    }
    let small = "return [...document.querySelectorAll('svg, img')].filter(e => { const r = e.getBoundingClientRect(); \
                 return !(r.width > 20 && r.height > 20) || (e.complete === false) || e.naturalWidth === 0 }).length";
    assert_eq!(session.run(small), 0, "every picture can be seen");
    let pictures = "return ['network', 'curves', 'filters', 'confusion'].filter(id => \
                    !document.getElementById(id).querySelector('svg')).concat(\
                    document.querySelectorAll('#mistakes img').length > 0 ? [] : ['mistakes'])";
    assert_eq!(session.run(pictures), json!([]));
    let unnamed = "return [...document.querySelectorAll('svg')].filter(e => !e.querySelector('title')?.textContent)\
                   .length + document.querySelectorAll('img:not([alt]), img[alt=\"\"]').length";
    assert_eq!(session.run(unnamed), 0, "every picture is said in words");
    assert_eq!(session.run("return document.querySelectorAll('h1').length"), 1);
    assert_eq!(
        session.run("return document.scripts.length"),
        1,
        "the description's text is no script"
    );
    let first = "return document.querySelector('#description code').textContent";
    assert_eq!(session.run(first), "# <script>alert('x')</script> & \"quotes\"");
    assert_eq!(
        session.run("return performance.getEntriesByType('resource').filter(e => !e.name.startsWith('data:')).length"),
        0
    );
}

pub const GROUND: &str = "return getComputedStyle(document.body).backgroundColor";
pub const LIGHT: &str = "rgb(255, 255, 255)";
pub const DARK: &str = "rgb(20, 22, 26)";

/// Text stands out from its ground by WCAG's 4.5.
pub fn contrast(session: &Session<'_>) {
    let script = "const l = c => { const v = c.match(/[0-9.]+/g).slice(0, 3).map(x => x / 255).map(x => x <= 0.04045 ? x / 12.92 \
                  : ((x + 0.055) / 1.055) ** 2.4); return 0.2126 * v[0] + 0.7152 * v[1] + 0.0722 * v[2] }; \
                  const ground = l(getComputedStyle(document.body).backgroundColor); \
                  return Math.min(...['body', 'a', '.soft', 'figcaption', 'thead th', 'svg'].map(s => { \
                  const ink = l(getComputedStyle(document.querySelector(s)).color); \
                  return (Math.max(ink, ground) + 0.05) / (Math.min(ink, ground) + 0.05) }))";
    let least = session.run(script).as_f64().unwrap();
    assert!(least >= 4.5, "a contrast of {least}");
}
