"""Reviews in a real browser, by keys alone: every kind of task, undo, conflict, loss of connection, drafts, hostile texts.

    pip install websocket-client axe-core-python
    review.py REWARDCTL [SCREENSHOTS]

Says what held, and ends with 1 where something did not. Without axe-core the check for accessibility is left out.
"""
import importlib.util
import sys
import tempfile
import time
from pathlib import Path

from chromium import Chromium, until
from service import Service, held
from team import Team

HOSTILE = ("<script>window.hacked=1</script><img src=x onerror='window.hacked=1'>\x1b[2J\u202eevil\u200b "
           "javascript:alert(1) </pre><iframe src=//evil.example></iframe> &lt;b&gt; 😀👨‍👩‍👧 שלום")
HUGE = "word " * 400_000


class Review(Team):
    def __init__(self, service, browser, shots):
        self.service, self.browser, self.shots = service, browser, shots

    def shot(self, name):
        if self.shots:
            self.browser.shot(Path(self.shots, f"{name}.png"))

    def asks(self, words):
        until(lambda: words in (self.browser.text("#question") or "") and self.browser.run(
            "!document.querySelector('#task').hidden"))

    def press(self, *keys):
        for key in keys:
            self.browser.press(key)
            time.sleep(0.05)

    def sign_in(self):
        browser, service = self.browser, self.service
        browser.open(f"{service.address}/")
        until(lambda: browser.run("!document.querySelector('#sign-in').hidden"))
        browser.run("document.querySelector('#token').focus()")
        browser.write("rwd_000000000000_" + "0" * 64)
        self.press("Enter")
        until(lambda: "nobody has this token" in (browser.text("#sign-in-error") or ""))
        browser.run("document.querySelector('#token').value = ''; document.querySelector('#token').focus()")
        browser.write(service.tokens["ana"])
        self.press("Enter")
        until(lambda: "ana" in (browser.text("#progress") or ""))
        held("a wrong token is refused, the right one signs in")

    def kinds(self):
        service = self.service
        self.asks("How good")
        self.shot("rate")
        # A key that is held down is taken once, and the page says why it comes to nothing.
        self.browser.hold("1")
        until(lambda: "held down" in (self.browser.text("#hint") or ""))
        self.asks("Which response is better")
        self.shot("choose")
        self.press("n")
        self.browser.write("because")
        self.browser.press("Enter", ctrl=True)
        self.press("1")
        self.asks("Rank")
        self.shot("rank")
        self.press("2", "1", "3")
        self.asks("May the response pass")
        self.press("r")
        self.asks("Write what the response should have been")
        self.press("c")
        self.browser.run("document.querySelector('#write-text').value = 'better'")
        self.browser.press("Enter", ctrl=True)
        self.asks("Which tags")
        self.press("t")
        self.browser.write("short, vague")
        self.browser.press("Enter", ctrl=True)
        self.asks("skip me")
        self.press("s", "3")
        until(lambda: self.browser.run("!document.querySelector('#empty').hidden"))
        labels = until(lambda: len(service.labels()) >= 7 and service.labels())
        kinds = sorted(next(iter(label["judgement"])) for label in labels)
        assert kinds == ["compare"] * 4 + ["correct", "rate", "rate"], kinds
        assert [label["note"] for label in labels if label["note"]] == ["because"]
        held("rate, choose with a note, rank, approve, correct, tag and skip, by keys alone")

    def undo(self):
        self.press("u")
        self.asks("skip me")
        self.press("u")
        self.asks("Which tags")
        self.press("u")
        self.asks("Write what")
        until(lambda: len(self.service.labels()) == 6)
        self.press("c")
        self.browser.run("document.querySelector('#write-text').value = 'better still'")
        self.browser.press("Enter", ctrl=True)
        self.asks("Which tags")
        self.press("s", "1")
        self.asks("skip me")
        self.press("s", "1")
        until(lambda: self.browser.run("!document.querySelector('#empty').hidden"))
        texts = [label["judgement"]["correct"]["text"] for label in self.service.labels()
                 if "correct" in label["judgement"]]
        assert texts == ["better still"], texts
        held("undo, three times, and another answer")

    def lost_task(self):
        """Somebody else gets the task that is looked at."""
        service = self.service
        service.add("rate", ["taken away"], dimension="lost")
        self.asks("on lost")
        task = next(task for task in service.ask("GET", "/tasks?dimension=lost&state=held")["tasks"])
        service.ask("POST", f"/tasks/{task['task']}/release", body={})
        lease = service.ask("POST", "/tasks/claim", "ben", {"dimension": "lost"})["leases"][0]
        answer = {"kind": "rate", "value": 1}
        service.ask("POST", "/labels", "ben", {"task": lease["task"], "token": lease["token"], "answer": answer})
        before = len(service.labels())
        self.press("n")
        self.browser.write("my note")
        self.browser.press("Enter", ctrl=True)
        self.press("5")
        until(lambda: "was not counted" in (self.browser.text("#notice") or ""))
        self.shot("lost")
        assert len(service.labels()) == before
        kept = self.browser.run("JSON.stringify(localStorage)")
        assert "my note" in kept
        self.browser.click("#notice-close")
        held("a task that was given away is said to be, counts once, and its draft is kept")

    def offline(self):
        """The connection is lost, and then the service is killed."""
        service, browser = self.service, self.browser
        for n in range(3):
            service.add("rate", [f"offline {n}"], dimension="offline")
        self.asks("on offline")
        until(lambda: len(service.ask("GET", "/tasks?dimension=offline&state=held")["tasks"]) == 3)
        before = len(service.labels())
        browser.offline(True)
        self.press("5")
        self.asks("on offline")
        self.press("4")
        until(lambda: "2 kept here" in (browser.text("#connection") or ""))
        self.shot("offline")
        browser.click("#sign-out")
        until(lambda: "2 decisions are not sent yet" in (browser.text("#notice-text") or ""))
        browser.click("#sign-out")
        until(lambda: "you are still signed in" in (browser.text("#notice-text") or ""))
        browser.click("#notice-close")
        assert len(service.labels()) == before
        browser.offline(False)
        until(lambda: len(service.labels()) == before + 2, 30)
        address = service.address
        service.kill()
        self.press("3")
        until(lambda: "1 kept here" in (browser.text("#connection") or ""), 30)
        service.start(address.removeprefix("http://"))
        until(lambda: len(service.labels()) == before + 3, 30)
        held("without a connection people go on; what they decide arrives once, also after a kill of the service")

    def drafts(self):
        service, browser = self.service, self.browser
        service.add("correct", ["draft me"], dimension=None)
        self.asks("Write what")
        self.press("c")
        browser.run("document.querySelector('#write-text').focus()")
        browser.write(" and more")
        time.sleep(0.2)
        browser.call("Page.reload")
        time.sleep(0.5)
        self.asks("Write what")
        self.press("c")
        text = until(lambda: browser.run("document.querySelector('#write-text').value"))
        assert text == "draft me and more", text
        self.press("Escape", "s", "6")
        held("a reload loses no draft")

    def begun(self):
        """A correction that was begun stays with its response."""
        service, browser = self.service, self.browser
        service.add("choose", ["first", "second"], dimension="begun")
        self.asks("on begun")
        self.press("c")
        browser.run("""document.querySelector('#write-place').value = 1;
                       document.querySelector('#write-place').dispatchEvent(new Event('change'));
                       document.querySelector('#write-text').focus()""")
        chosen = browser.run("document.querySelector('#write-text').value")
        browser.write(" and more")
        self.press("Escape", "c")
        begun = "[document.querySelector('#write-place').value, document.querySelector('#write-text').value]"
        assert browser.run(begun) == ["1", f"{chosen} and more"], browser.run(begun)
        browser.press("Enter", ctrl=True)
        self.press("s", "6")
        until(lambda: any(label["judgement"].get("correct", {}).get("text") == f"{chosen} and more"
                          for label in service.labels()))
        label = next(label for label in service.labels()
                     if label["judgement"].get("correct", {}).get("text") == f"{chosen} and more")
        item = service.ask("GET", f"/items/{label['item']}")
        texts = {response["id"]: response["text"] for response in item["responses"]}
        assert texts[label["judgement"]["correct"]["response"]] == chosen
        held("a correction that was begun stays with its response")

    def forbidden(self):
        """A storage that takes nothing, a page that came over plain HTTP, and an undo without a connection."""
        service, browser = self.service, self.browser
        until(lambda: browser.run("!document.querySelector('#empty').hidden"))
        browser.run("""Storage.prototype.setItem = () => { throw new DOMException('full', 'QuotaExceededError') };
                       Object.defineProperty(crypto, 'randomUUID', { value: undefined })""")
        for n in range(2):
            service.add("rate", [f"forbidden {n}"], dimension="forbidden")
        self.asks("on forbidden")
        until(lambda: len(service.ask("GET", "/tasks?dimension=forbidden&state=held")["tasks"]) == 2)
        before = len(service.labels())
        browser.offline(True)
        self.press("5")
        until(lambda: "1 kept here" in (browser.text("#connection") or ""))
        self.press("u", "u", "u")
        until(lambda: "Undo needs the connection" in (browser.text("#notice-text") or ""))
        browser.click("#notice-close")
        browser.offline(False)
        until(lambda: len(service.labels()) == before + 1, 30)
        time.sleep(1)
        assert len(service.labels()) == before + 1, "an undo of before fired"
        self.press("4")
        until(lambda: len(service.labels()) == before + 2)
        held("what is decided is sent where the browser keeps nothing; no undo fires later by itself")

    def hostile(self):
        service, browser = self.service, self.browser
        service.add("choose", [HOSTILE, HUGE], prompt=HOSTILE)
        self.asks("Which response is better")
        shown = browser.run("[...document.querySelectorAll('.response .text, #prompt .text')].map(e => e.textContent)")
        assert any("<script>window.hacked=1</script>" in text for text in shown)
        assert all("\x1b" not in text and "\u202e" not in text for text in shown)
        assert any("👨‍👩‍👧" in text and "שלום" in text for text in shown)
        assert max(map(len, shown)) <= 200_000
        inside = browser.run("document.querySelectorAll('#task script, #task img, #task iframe').length")
        assert inside == 0 and browser.run("window.hacked === undefined")
        self.shot("hostile")
        self.press("d")
        until(lambda: browser.run("document.querySelectorAll('#responses del, #responses ins').length") > 0, 30)
        self.press("d", "s", "4")
        held("hostile texts do nothing but show")

    def weight(self):
        browser = self.browser
        browser.open(f"{self.service.address}/")
        time.sleep(1)
        paint = browser.run("performance.getEntriesByName('first-contentful-paint')[0]?.startTime ?? 0")
        size = browser.run("""[...performance.getEntriesByType('resource'), performance.getEntriesByType('navigation')[0]]
            .filter(e => !e.name.includes('/api/')).reduce((sum, e) => sum + e.encodedBodySize, 0)""")
        assert 0 < size < 100_000, size
        held(f"the page is {size} bytes; first paint after {paint:.0f} ms")

    def axe(self, name):
        """Has axe-core look at the page as it is, light and dark."""
        try:
            import axe_core_python
        except ImportError:
            return
        script = next(Path(axe_core_python.__file__).parent.rglob("axe*.js")).read_text()
        browser = self.browser
        for dark in [True, False]:
            browser.size(1280, 850, dark)
            time.sleep(0.3)  # colours take a moment to change
            browser.run(script + ";0")
            found = browser.run("axe.run().then(r => r.violations.map(v => v.impact + ' ' + v.id + ' ' + "
                                "v.nodes.map(n => n.target.join(' ')).join(', ')))")
            assert not found, (name, dark, found)

    def accessible(self):
        if not importlib.util.find_spec("axe_core_python"):
            print("left out: there is no axe-core-python")
            return
        service, browser = self.service, self.browser
        service.add("choose", ["one", "two"])
        self.asks("Which response is better")
        for name, opened in [("task", ""), ("help", "#help"), ("skip", "#skip")]:
            if opened:
                browser.run(f"document.querySelector('{opened}').showModal()")
            self.axe(name)
            if opened:
                browser.run(f"document.querySelector('{opened}').close()")
        browser.size(390, 844, dark=True)
        wide = browser.run("document.documentElement.scrollWidth > innerWidth")
        assert not wide
        self.shot("phone")
        browser.size(1280, 850)
        held("axe-core finds nothing, light and dark; a phone needs no sideways scrolling")

def main():
    binary, shots = str(Path(sys.argv[1]).resolve()), sys.argv[2] if len(sys.argv) > 2 else None
    with tempfile.TemporaryDirectory() as folder:
        service = Service(binary, folder)
        browser = Chromium()
        try:
            for kind, texts in [("rate", ["r"]), ("choose", ["a", "b"]), ("rank", ["x", "y", "z"]),
                                ("approve", ["p"]), ("correct", ["c"]), ("tag", ["t"])]:
                service.add(kind, texts)
            service.add("rate", ["s"], dimension="skip me")
            review = Review(service, browser, shots)
            browser.size(1280, 850)
            for step in [review.sign_in, review.kinds, review.undo, review.lost_task, review.offline, review.clocks, review.drafts,
                         review.begun, review.forbidden, review.hostile, review.weight, review.accessible, review.bulk]:
                step()
            review.restarted(binary)
            # What the steps provoke is told by the browser too.
            due = ("401", "409", "404", "ERR_INTERNET_DISCONNECTED", "ERR_CONNECTION_REFUSED", "ERR_INCOMPLETE",
                   "ERR_CONNECTION_RESET", "ERR_EMPTY_RESPONSE", "403")
            complaints = [text for text in browser.complaints() if not any(word in text for word in due)]
            assert not complaints, complaints
            held("the browser has no complaint: no policy broken, no exception")
        finally:
            browser.close()
            service.kill()


if __name__ == "__main__":
    main()
