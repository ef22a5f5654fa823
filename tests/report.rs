//! The report of a real run, in a real Chromium: it loads nothing, shows every part at the width of a telephone and of a
//! desktop, changes its colours, and prints.
//!
//! Chromium is driven through `chromedriver` by the W3C's `WebDriver` protocol. A machine without them
//! fails these tests; `tests/run.sh` installs them.

#![cfg(feature = "pictures")]
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "tests may fail")]

use serde_json::{Value, json};
use std::fs;
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

const SECTIONS: [&str; 8] = [
    "network",
    "description",
    "curves",
    "filters",
    "confusion",
    "mistakes",
    "timing",
    "manifest",
];

/// Names and comments that would be markup if they were not escaped.
const DESCRIPTION: &str = "# <script>alert('x')</script> & \"quotes\"\nmodel digits {\n    Input(shape=(28, 28, 1))\n    \
                           Conv2D(6, 5, activation=\"relu\")\n    MaxPooling2D(4)\n    Flatten()\n    Dense(10)\n}\n\n\
                           compile(loss=SparseCategoricalCrossentropy(from_logits=True), metrics=[\"accuracy\"])\n\n\
                           fit(data=\"mnist\", epochs=2)\n";

fn cnnc(arguments: &[&str]) -> std::process::Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_cnnc"));
    // No cache of the machine's own: the carried digits are what is trained on.
    command
        .args(arguments)
        .env("XDG_CACHE_HOME", std::env::temp_dir().join("cnnc-no-such-cache"));
    command.output().unwrap()
}

/// A short run's directory.
fn run(folder: &Path) -> PathBuf {
    let file = folder.join("digits.cnn");
    fs::write(&file, DESCRIPTION).unwrap();
    let out = folder.join("run <b>&");
    let text = |path: &Path| path.to_str().unwrap().to_owned();
    let ran = cnnc(&["run", &text(&file), "--device", "cpu", "--quiet", "--out", &text(&out)]);
    let errors = String::from_utf8_lossy(&ran.stderr).into_owned();
    assert!(ran.status.success() && !errors.contains("warning"), "{errors}");
    out
}

/// Elements without an end.
const VOID: [&str; 4] = ["meta", "br", "img", "link"];

/// Sees that tags close in order, ids are unique, references to them lead somewhere, and nothing is loaded.
fn validate(page: &str) {
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

/// A `chromedriver`, ended with the test.
struct Driver {
    process: Child,
    address: String,
    agent: ureq::Agent,
}

impl Drop for Driver {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

impl Driver {
    fn start() -> Self {
        let mut process = Command::new("chromedriver")
            .arg("--port=0")
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .expect("chromedriver is installed: tests/run.sh does it");
        let mut lines = BufReader::new(process.stdout.take().unwrap()).lines();
        let port = lines.find_map(|line| {
            let line = line.unwrap();
            let (_, port) = line.split_once("successfully on port ")?;
            Some(port.trim_end_matches('.').to_owned())
        });
        // Whoever does not read its output would stop it.
        std::thread::spawn(move || lines.for_each(drop));
        let agent = ureq::Agent::config_builder()
            .timeout_global(Some(Duration::from_mins(2)))
            .http_status_as_error(false)
            .proxy(None)
            .build()
            .into();
        Self {
            process,
            address: format!("http://127.0.0.1:{}", port.expect("it says its port")),
            agent,
        }
    }

    fn post(&self, path: &str, body: &Value) -> Value {
        let mut answer = self
            .agent
            .post(format!("{}{path}", self.address))
            .send_json(body)
            .unwrap();
        let answer: Value = answer.body_mut().with_config().limit(1 << 28).read_json().unwrap();
        assert!(answer["value"]["error"].is_null(), "{path}: {answer}");
        answer["value"].clone()
    }

    /// A browser with a window of this width; one of a telephone where it is narrow.
    fn open(&self, width: u32, profile: &Path) -> Session<'_> {
        let profile = profile.join(width.to_string());
        let flags = [
            "--headless=new",
            "--no-sandbox",
            "--disable-gpu",
            "--disable-dev-shm-usage",
            "--disable-quic",
            "--no-first-run",
            "--disable-background-networking",
            "--disable-component-update",
            "--disable-sync",
            "--hide-scrollbars",
        ];
        let mut flags: Vec<String> = flags.map(str::to_owned).to_vec();
        flags.push(format!("--user-data-dir={}", profile.display()));
        flags.push(format!("--window-size={width},900"));
        let mut options = json!({"args": flags});
        if let Some(browser) = browser() {
            options["binary"] = json!(browser);
        }
        if width < 500 {
            options["mobileEmulation"] =
                json!({"deviceMetrics": {"width": width, "height": 780, "pixelRatio": 2.0, "touch": true}});
        }
        let wanted = json!({"capabilities": {"alwaysMatch": {
            "browserName": "chrome",
            "goog:chromeOptions": options,
            "goog:loggingPrefs": {"browser": "ALL"},
        }}});
        let session = self.post("/session", &wanted);
        let id = session["sessionId"].as_str().unwrap().to_owned();
        Session { driver: self, id }
    }
}

/// Where Debian puts it; elsewhere chromedriver finds its own.
fn browser() -> Option<&'static str> {
    let path = "/usr/bin/chromium";
    Path::new(path).exists().then_some(path)
}

struct Session<'a> {
    driver: &'a Driver,
    id: String,
}

impl Drop for Session<'_> {
    fn drop(&mut self) {
        let _ = self
            .driver
            .agent
            .delete(format!("{}/session/{}", self.driver.address, self.id))
            .call();
    }
}

impl Session<'_> {
    fn post(&self, path: &str, body: &Value) -> Value {
        self.driver.post(&format!("/session/{}{path}", self.id), body)
    }

    fn show(&self, page: &Path) {
        let url = format!("file://{}", page.display()).replace(' ', "%20");
        self.post("/url", &json!({"url": url}));
    }

    fn run(&self, script: &str) -> Value {
        self.post("/execute/sync", &json!({"script": script, "args": []}))
    }

    /// What the console has heard since it was last asked; the browser's own complaints are among it.
    fn console(&self) -> Vec<Value> {
        self.post("/se/log", &json!({"type": "browser"}))
            .as_array()
            .unwrap()
            .clone()
    }

    /// The page as it is put on paper.
    fn paper(&self) {
        let parameters = json!({"cmd": "Emulation.setEmulatedMedia", "params": {"media": "print"}});
        self.post("/goog/cdp/execute", &parameters);
    }

    fn system_colours(&self, colours: &str) {
        let features = json!([{"name": "prefers-color-scheme", "value": colours}]);
        let parameters = json!({"cmd": "Emulation.setEmulatedMedia", "params": {"features": features}});
        self.post("/goog/cdp/execute", &parameters);
    }

    /// The whole page as a picture, where a folder for them is named: for people who change it.
    fn picture(&self, name: &str) {
        let Some(folder) = std::env::var_os("REPORT_SCREENSHOTS") else {
            return;
        };
        let parameters = json!({"cmd": "Page.captureScreenshot", "params": {"captureBeyondViewport": true}});
        let answer = self.post("/goog/cdp/execute", &parameters);
        let path = PathBuf::from(folder).join(format!("{name}.png"));
        fs::write(path, decoded(answer["data"].as_str().unwrap())).unwrap();
    }
}

/// Bytes from base64 (RFC 4648).
fn decoded(text: &str) -> Vec<u8> {
    let letters = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let digits = text
        .bytes()
        .filter_map(|letter| letters.iter().position(|&known| known == letter));
    let (mut bytes, mut bits, mut held) = (Vec::new(), 0_u32, 0);
    for digit in digits {
        (bits, held) = ((bits << 6 | digit as u32) & 0xffff, held + 6);
        if held >= 8 {
            held -= 8;
            bytes.push((bits >> held) as u8);
        }
    }
    bytes
}

/// What must be true of the page in a window of any width.
fn check(session: &Session<'_>, width: u32) {
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

const GROUND: &str = "return getComputedStyle(document.body).backgroundColor";
const LIGHT: &str = "rgb(255, 255, 255)";
const DARK: &str = "rgb(20, 22, 26)";

/// Text stands out from its ground by WCAG's 4.5.
fn contrast(session: &Session<'_>) {
    let script = "const l = c => { const v = c.match(/[0-9.]+/g).slice(0, 3).map(x => x / 255).map(x => x <= 0.04045 ? x / 12.92 \
                  : ((x + 0.055) / 1.055) ** 2.4); return 0.2126 * v[0] + 0.7152 * v[1] + 0.0722 * v[2] }; \
                  const ground = l(getComputedStyle(document.body).backgroundColor); \
                  return Math.min(...['body', 'a', '.soft', 'figcaption', 'thead th', 'svg'].map(s => { \
                  const ink = l(getComputedStyle(document.querySelector(s)).color); \
                  return (Math.max(ink, ground) + 0.05) / (Math.min(ink, ground) + 0.05) }))";
    let least = session.run(script).as_f64().unwrap();
    assert!(least >= 4.5, "a contrast of {least}");
}

#[test]
fn a_run_leaves_a_report_that_a_browser_shows_at_any_width_in_both_colours_and_on_paper() {
    let folder = tempfile::tempdir().unwrap();
    let directory = run(folder.path());
    let page = directory.join("report.html");
    let text = fs::read_to_string(&page).unwrap();
    validate(&text);
    assert!(text.contains("Content-Security-Policy") && text.contains("default-src 'none'"));
    let driver = Driver::start();
    for width in [360, 1280] {
        let session = driver.open(width, folder.path());
        session.system_colours("light");
        session.show(&page);
        check(&session, width);
        assert_eq!(session.run(GROUND), LIGHT);
        contrast(&session);
        session.picture(&format!("{width}-light"));
        session.system_colours("dark");
        assert_eq!(session.run(GROUND), DARK, "the page follows the system");
        contrast(&session);
        session.picture(&format!("{width}-dark"));
        session.run("document.getElementById('theme').click()");
        assert_eq!(session.run(GROUND), LIGHT, "the button is stronger than the system");
        assert_eq!(
            session.run("return document.getElementById('theme').textContent"),
            "Dark"
        );
        session.run("document.getElementById('theme').click()");
        assert_eq!(session.run(GROUND), DARK);
        session.run("document.querySelector('details').open = true");
        check(&session, width);
        session.paper();
        assert_eq!(session.run(GROUND), LIGHT, "paper is light, whatever the screen is");
        session.picture(&format!("{width}-paper"));
        let printed = session.post("/print", &json!({"background": true}));
        let pdf = decoded(printed.as_str().unwrap());
        assert!(
            pdf.starts_with(b"%PDF-") && pdf.len() > 20_000,
            "{} bytes of PDF",
            pdf.len()
        );
        if let Some(folder) = std::env::var_os("REPORT_SCREENSHOTS") {
            fs::write(PathBuf::from(folder).join(format!("{width}.pdf")), &pdf).unwrap();
        }
        assert_eq!(session.console(), Vec::<Value>::new(), "nothing is complained of");
    }
}

#[test]
fn a_report_is_made_again_and_pictures_are_drawn_from_a_run() {
    let folder = tempfile::tempdir().unwrap();
    let directory = run(folder.path());
    let text = |path: PathBuf| path.to_str().unwrap().to_owned();
    let (run, page) = (text(directory.clone()), directory.join("report.html"));
    fs::remove_file(&page).unwrap();
    let again = text(folder.path().join("again.html"));
    for arguments in [
        vec!["report", &run],
        vec!["report", &run, "--device", "cpu", "--out", &again],
    ] {
        let ran = cnnc(&arguments);
        assert!(ran.status.success(), "{}", String::from_utf8_lossy(&ran.stderr));
    }
    validate(&fs::read_to_string(&page).unwrap());
    validate(&fs::read_to_string(&again).unwrap());

    // The picture has the accuracy that `eval` measures.
    let svg = folder.path().join("confusion.svg");
    let ran = cnnc(&[
        "show",
        "confusion",
        &run,
        "--device",
        "cpu",
        "--out",
        &text(svg.clone()),
    ]);
    assert!(ran.status.success(), "{}", String::from_utf8_lossy(&ran.stderr));
    let file = text(folder.path().join("digits.cnn"));
    let weights = text(directory.join("weights.safetensors"));
    let eval = cnnc(&[
        "eval",
        &file,
        "--weights",
        &weights,
        "--device",
        "cpu",
        "--format",
        "json",
    ]);
    let eval: Value = serde_json::from_slice(&eval.stdout).unwrap();
    let right = (eval["accuracy"].as_f64().unwrap() * 2000.0).round() as usize;
    let right = format!("{},{:03} of 2,000 right", right / 1000, right % 1000);
    assert!(fs::read_to_string(svg).unwrap().contains(&right), "{right}");

    for what in ["mistakes", "curves"] {
        let svg = folder.path().join(format!("{what}.svg"));
        let ran = cnnc(&["show", what, &run, "--out", &text(svg.clone())]);
        assert!(ran.status.success(), "{}", String::from_utf8_lossy(&ran.stderr));
        assert!(fs::read_to_string(svg).unwrap().starts_with("<svg"));
    }
}

#[test]
fn a_run_whose_data_or_files_are_not_there_any_more_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let directory = run(folder.path());
    let run = directory.to_str().unwrap();
    let refused = |arguments: &[&str], expected: &str| {
        let ran = cnnc(arguments);
        let errors = String::from_utf8_lossy(&ran.stderr).into_owned();
        assert_eq!(ran.status.code(), Some(1), "{errors}");
        assert!(errors.contains(expected), "{errors}");
    };
    let manifest = directory.join("run.yaml");
    let kept = fs::read_to_string(&manifest).unwrap();
    let line = kept.lines().find(|line| line.starts_with("data_sha256:")).unwrap();
    fs::write(
        &manifest,
        kept.replace(line, &format!("data_sha256: {}", "0".repeat(64))),
    )
    .unwrap();
    refused(&["show", "confusion", run], "mnist is not what the run in ");
    refused(&["report", run], "then it was 000000000000");
    fs::write(&manifest, kept).unwrap();
    refused(&["show", "mistakes", run, "--data", "no/such/folder"], "no/such/folder");
    fs::remove_file(directory.join("weights.safetensors")).unwrap();
    refused(&["show", "mistakes", run], "weights.safetensors");
    fs::remove_file(manifest).unwrap();
    refused(&["show", "confusion", run], "run.yaml");
    fs::remove_file(directory.join("history.csv")).unwrap();
    refused(&["show", "curves", run], "history.csv");
}

#[test]
fn a_run_finds_its_data_from_any_folder() {
    let folder = tempfile::tempdir().unwrap();
    // A graph with a shortcut, whose data are named relative to the description.
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/oracle/residual/model.cnn");
    let out = folder.path().join("run");
    let text = |path: &Path| path.to_str().unwrap().to_owned();
    let ran = cnnc(&["run", &text(&file), "--device", "cpu", "--quiet", "--out", &text(&out)]);
    assert!(ran.status.success(), "{}", String::from_utf8_lossy(&ran.stderr));
    validate(&fs::read_to_string(out.join("report.html")).unwrap());
    let svg = folder.path().join("confusion.svg");
    let ran = Command::new(env!("CARGO_BIN_EXE_cnnc"))
        .args(["show", "confusion", "run", "--device", "cpu", "--out", "confusion.svg"])
        .current_dir(folder.path())
        .output()
        .unwrap();
    assert!(ran.status.success(), "{}", String::from_utf8_lossy(&ran.stderr));
    assert!(fs::read_to_string(svg).unwrap().contains("residual on data.npz: "));
}

#[cfg(unix)]
#[test]
fn an_interrupted_run_leaves_a_report_of_what_there_is() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("digits.cnn");
    fs::write(&file, DESCRIPTION).unwrap();
    let out = folder.path().join("run");
    let mut child = Command::new(env!("CARGO_BIN_EXE_cnnc"))
        .args([
            "run",
            file.to_str().unwrap(),
            "--device",
            "cpu",
            "--epochs",
            "100000",
            "--quiet",
            "--out",
        ])
        .arg(&out)
        .env("XDG_CACHE_HOME", folder.path())
        .spawn()
        .unwrap();
    // The first epoch is over once there is a history.
    let deadline = std::time::Instant::now() + Duration::from_mins(2);
    while !out.join("history.csv").exists() {
        assert!(std::time::Instant::now() < deadline && child.try_wait().unwrap().is_none());
        std::thread::sleep(Duration::from_millis(20));
    }
    let killed = Command::new("kill")
        .args(["-INT", &child.id().to_string()])
        .status()
        .unwrap();
    assert!(killed.success());
    assert_eq!(child.wait().unwrap().code(), Some(130));
    let page = fs::read_to_string(out.join("report.html")).unwrap();
    validate(&page);
    assert!(page.contains("The run was interrupted"));
}
