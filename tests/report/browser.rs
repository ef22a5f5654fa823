//! Chromium, driven through `chromedriver` by the W3C's `WebDriver` protocol.

use serde_json::{Value, json};
use std::fs;
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

/// A `chromedriver`, ended with the test.
pub struct Driver {
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
    pub fn start() -> Self {
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
    pub fn open(&self, width: u32, profile: &Path) -> Session<'_> {
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

pub struct Session<'a> {
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
    pub fn post(&self, path: &str, body: &Value) -> Value {
        self.driver.post(&format!("/session/{}{path}", self.id), body)
    }

    pub fn show(&self, page: &Path) {
        let url = format!("file://{}", page.display()).replace(' ', "%20");
        self.post("/url", &json!({"url": url}));
    }

    pub fn run(&self, script: &str) -> Value {
        self.post("/execute/sync", &json!({"script": script, "args": []}))
    }

    /// What the console has heard since it was last asked; the browser's own complaints are among it.
    pub fn console(&self) -> Vec<Value> {
        self.post("/se/log", &json!({"type": "browser"}))
            .as_array()
            .unwrap()
            .clone()
    }

    /// The page as it is put on paper.
    pub fn paper(&self) {
        let parameters = json!({"cmd": "Emulation.setEmulatedMedia", "params": {"media": "print"}});
        self.post("/goog/cdp/execute", &parameters);
    }

    pub fn system_colours(&self, colours: &str) {
        let features = json!([{"name": "prefers-color-scheme", "value": colours}]);
        let parameters = json!({"cmd": "Emulation.setEmulatedMedia", "params": {"features": features}});
        self.post("/goog/cdp/execute", &parameters);
    }

    /// The whole page as a picture, where a folder for them is named: for people who change it.
    pub fn picture(&self, name: &str) {
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
pub fn decoded(text: &str) -> Vec<u8> {
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
