const text = require("fs").readFileSync(process.argv[1], "utf8");
const part = id => text.split(new RegExp(`<script[^>]*id="${id}">`))[1].split("</script>")[0];
const engine = new Function("module", `${part("engine")}; return engine;`)({});
const data = JSON.parse(part("network"));
const network = engine.load(data);
engine.check(data, async input => network.predict(input)).then(difference => console.log(difference));
