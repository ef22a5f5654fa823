"""Opens exported pages in Chromium through chromedriver, with its software WebGPU and without, and prints how each was
computed and what the page found when it replayed its samples.

    python tests/export/page.py PAGE.html...
"""

import json
import os
import subprocess
import sys
import time
import urllib.request

SOFTWARE = ["--enable-unsafe-webgpu", "--use-webgpu-adapter=swiftshader", "--enable-features=Vulkan"]


def call(base, path, body=None, method=None):
    sent = None if body is None else json.dumps(body).encode()
    request = urllib.request.Request(base + path, sent, {"Content-Type": "application/json"}, method=method)
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    return json.load(opener.open(request, timeout=120))["value"]


driver = subprocess.Popen(["chromedriver", "--port=0"], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
try:
    port = next(line.split("on port ")[1].strip(". \n") for line in driver.stdout if "successfully on port" in line)
    base = f"http://127.0.0.1:{port}"
    failed = 0
    for flags in (SOFTWARE, ["--disable-gpu"]):
        options = {"args": ["--headless=new", "--no-sandbox", "--disable-dev-shm-usage", *flags]}
        capabilities = {"capabilities": {"alwaysMatch": {"goog:chromeOptions": options}}}
        session = "/session/" + call(base, "/session", capabilities)["sessionId"]
        for page in sys.argv[1:]:
            call(base, session + "/url", {"url": "file://" + os.path.abspath(page)})
            script = "return [document.body.dataset.ready ?? '', ...['about', 'checked', 'classes'].map(id => document.getElementById(id).innerText)]"
            for _ in range(300):
                ready, about, checked, classes = call(base, session + "/execute/sync", {"script": script, "args": []})
                if ready:
                    break
                time.sleep(0.1)
            difference = float(checked.split()[-1]) if checked else None
            good = difference is not None and difference < 1e-4
            print(f"{os.path.basename(page):34} {ready or 'NOT READY':8} {difference} {about if not good or '(' in about else ''}")
            failed += not good
        call(base, session, method="DELETE")
    sys.exit(1 if failed else 0)
finally:
    driver.terminate()
