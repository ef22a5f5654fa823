"""Draws on an exported page of a network of digits in Chromium through chromedriver, with its software WebGPU and without, teaches it a
drawing, and takes pictures of it at a desktop's and a telephone's width.

    python tests/export/teach.py PAGE.html FOLDER
"""

import base64
import json
import os
import subprocess
import sys
import time
import urllib.request

SOFTWARE = ["--enable-unsafe-webgpu", "--use-webgpu-adapter=swiftshader", "--enable-features=Vulkan"]
DRAW = """
const canvas = document.getElementById("canvas"), box = canvas.getBoundingClientRect();
const send = (kind, [x, y]) => canvas.dispatchEvent(new PointerEvent(kind, {
    clientX: box.left + x * box.width, clientY: box.top + y * box.height, pointerId: 1, bubbles: true }));
canvas.setPointerCapture = () => {};
send("pointerdown", arguments[0][0]);
for (const point of arguments[0].slice(1)) send("pointermove", point);
send("pointerup", arguments[0].at(-1));
"""
CLASSES = "return [...document.querySelectorAll('.class')].map(row => [row.children[0].innerText, Number(row.children[2].innerText)])"


def call(base, path, body=None, method=None):
    sent = None if body is None else json.dumps(body).encode()
    request = urllib.request.Request(base + path, sent, {"Content-Type": "application/json"}, method=method)
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    return json.load(opener.open(request, timeout=120))["value"]


def stroke(*corners):
    ends = zip(corners, corners[1:])
    return [[a + (b - a) * part / 8 for a, b in zip(start, end)] for start, end in ends for part in range(9)]


SEVEN, ONE = stroke((0.28, 0.25), (0.72, 0.25), (0.45, 0.8)), stroke((0.5, 0.2), (0.5, 0.8))
ZIGZAG = stroke((0.2, 0.3), (0.8, 0.3), (0.2, 0.5), (0.8, 0.5), (0.2, 0.7), (0.8, 0.7))
page, folder = sys.argv[1:]
driver = subprocess.Popen(["chromedriver", "--port=0"], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
try:
    port = next(line.split("on port ")[1].strip(". \n") for line in driver.stdout if "successfully on port" in line)
    base, said = f"http://127.0.0.1:{port}", {}
    for name, flags in ("webgpu", SOFTWARE), ("plain", ["--disable-gpu"]):
        options = {"args": ["--headless=new", "--no-sandbox", "--disable-dev-shm-usage", *flags]}
        capabilities = {"capabilities": {"alwaysMatch": {"goog:chromeOptions": options}}}
        session = "/session/" + call(base, "/session", capabilities)["sessionId"]

        def run(script, *given):
            return call(base, session + "/execute/sync", {"script": script, "args": list(given)})

        def wait(what):
            for _ in range(600):
                found = run(f"return document.body.dataset.{what} ?? ''")
                if found:
                    return found
                time.sleep(0.1)
            sys.exit(f"{name}: the page is not {what}")

        def drawn(points):
            run("document.getElementById('clear').click()")
            run(DRAW, points)
            time.sleep(1.5)
            return run(CLASSES)

        def picture(of):
            with open(os.path.join(folder, f"{name}-{of}.png"), "wb") as file:
                file.write(base64.b64decode(call(base, session + "/screenshot")))

        def best(classes):
            return max(classes, key=lambda row: row[1])[0]

        call(base, session + "/window/rect", {"width": 1280, "height": 1100})
        call(base, session + "/url", {"url": "file://" + os.path.abspath(page)})
        assert wait("ready") == name
        classes = [best(drawn(SEVEN)), best(drawn(ONE))]
        assert classes == ["7", "1"], classes
        before = drawn(ZIGZAG)
        wrong = "3" if best(before) != "3" else "5"
        run("document.getElementById('label').value = arguments[0]; document.getElementById('add').click(); document.getElementById('train').click()", wrong)
        losses = json.loads(wait("losses"))
        assert losses[-1] < 0.5 * losses[0], losses
        time.sleep(1.5)
        after = run(CLASSES)
        assert best(after) == wrong, after
        picture("desktop")
        size = {"width": 375, "height": 900, "deviceScaleFactor": 1, "mobile": True}
        call(base, session + "/goog/cdp/execute", {"cmd": "Emulation.setDeviceMetricsOverride", "params": size})
        time.sleep(0.7)
        assert run("return document.documentElement.scrollWidth") == 375
        picture("phone")
        run("document.getElementById('forget').click()")
        time.sleep(1.5)
        assert run(CLASSES) == before
        said[name] = (classes, before, losses[0])
        print(f"{name}: {classes}, loss {losses[0]:.4f} to {losses[-1]:.4f}")
        call(base, session, method="DELETE")
    assert said["webgpu"] == said["plain"], said
finally:
    driver.terminate()
