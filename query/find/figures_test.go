package find_test

import (
	"bufio"
	"compress/gzip"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/onrecord/onrecord/events"
	"github.com/onrecord/onrecord/graph"
	"github.com/onrecord/onrecord/internal/seed"
)

// figure is somebody of testdata/figures.tsv.
type figure struct {
	name     string
	variants []string
}

func figures(t testing.TB) (all []figure) {
	t.Helper()
	text, err := os.ReadFile(filepath.Join("testdata", "figures.tsv"))
	if err != nil {
		t.Fatal(err)
	}
	for line := range strings.Lines(string(text)) {
		line = strings.TrimSpace(line)
		if name, variants, ok := strings.Cut(line, "\t"); ok && !strings.HasPrefix(line, "#") {
			all = append(all, figure{name, strings.Split(variants, "|")})
		}
	}
	if len(all) == 0 {
		t.Fatal("testdata/figures.tsv has no names")
	}
	return all
}

// icewsNames returns the actors of a year of coded news, if it is there.
func icewsNames(t testing.TB) (names []string) {
	f, err := os.Open(filepath.FromSlash("../../../shared/data/icews14/icews14.tsv.gz"))
	if err != nil {
		t.Log("no data beside the project:", err)
		return nil
	}
	defer f.Close()
	z, err := gzip.NewReader(f)
	if err != nil {
		t.Fatal(err)
	}
	seen := map[string]bool{}
	for lines := bufio.NewScanner(z); lines.Scan(); {
		for i, field := range strings.Split(lines.Text(), "\t") {
			if (i == 1 || i == 3) && !seen[field] && field != "subject" && field != "object" {
				seen[field] = true
				names = append(names, field)
			}
		}
	}
	return names
}

// tally is what came of asking for names.
type tally struct {
	asked, found, first int
	others              int // found beside the one meant
}

// ask asks for each variant of each name.
func ask(t *testing.T, g *graph.Graph, all []figure) (n tally) {
	t.Helper()
	x := open(t, g, "")
	v := g.View(nil)
	for _, f := range all {
		for _, variant := range f.variants {
			n.asked++
			i, best, found := 0, "", false
			for h, err := range x.Entities(ctx, v, variant, nil) {
				if err != nil {
					t.Fatal(err)
				}
				own := h.Entity.Name.Text == f.name
				found = found || own
				switch {
				case !own:
					n.others++
				case i == 0:
					n.first++
				}
				if i == 0 {
					best = h.Matched.Text
				}
				i++
			}
			if found {
				n.found++
			}
			if best != f.name && testing.Verbose() {
				t.Logf("%s, for %s: found: %v, first of %d is %s", variant, f.name, found, i, best)
			}
		}
	}
	return n
}

// recordNames registers entities.
func recordNames(t *testing.T, g *graph.Graph, kind events.EntityKind, names []string) {
	t.Helper()
	for some := range slices.Chunk(names, 2000) {
		b := events.NewBatch("desk")
		for _, name := range some {
			b.Entity(kind, name)
		}
		record(t, g, b)
	}
}

// atLeast fails if less was found than the package comment says.
func (n tally) atLeast(t *testing.T, where string, found, first, others int) {
	t.Helper()
	t.Logf("%s: %d of %d found, %d as the first, and %d others", where, n.found, n.asked, n.first, n.others)
	if n.found < found || n.first < first || n.others > others {
		t.Errorf("%s: want at least %d found, %d as the first, at most %d others", where, found, first, others)
	}
}

// TestFigures asks for public figures as they are spelled elsewhere: alone, and
// among all actors of a year of coded news.
func TestFigures(t *testing.T) {
	all := figures(t)
	g := newGraph(t, events.NewMem())
	known := make(map[string]bool)
	for _, f := range all {
		recordNames(t, g, events.Person, []string{f.name})
		known[f.name] = true
	}
	ask(t, g, all).atLeast(t, "figures", 296, 296, 10)

	if seed.Race {
		return // the actors of a year tell the race detector no more
	}
	names := slices.DeleteFunc(icewsNames(t), func(name string) bool { return known[name] })
	if names == nil {
		t.Skip("without the actors of ICEWS 2014")
	}
	recordNames(t, g, events.Person, names)
	ask(t, g, all).atLeast(t, "figures among the actors of ICEWS 2014", 296, 279, 1250)
}

// ukrainian are the spellings that English texts of the statements in
// ukraine-2022 have for speakers and places that their index names in Ukrainian.
var ukrainian = []figure{
	{"Володимир Зеленський", []string{"Volodymyr Zelenskyi", "Volodymyr Zelenskyy", "Volodymyr Zelensky", "Zelenskyi", "Zelenskyy", "Zelensky"}},
	{"Ірина Верещук", []string{"Iryna Vereshchuk", "Irina Vereshchuk", "Vereshchuk"}},
	{"Олексій Арестович", []string{"Oleksii Arestovych", "Oleksiy Arestovych", "Alexei Arestovich", "Arestovych", "Arestovich"}},
	{"Денис Шмигаль", []string{"Denys Shmyhal", "Denys Shmygal", "Denis Shmygal", "Shmyhal", "Shmygal"}},
	{"Кирило Тимошенко", []string{"Kyrylo Tymoshenko", "Kirill Tymoshenko", "Tymoshenko"}},
	{"Андрій Єрмак", []string{"Andriy Yermak", "Yermak", "Ermak"}},
	{"Віталій Кличко", []string{"Vitaliy Klitschko", "Klitschko", "Klychko"}},
	{"Олексій Дніпров", []string{"Oleksii Dniprov"}},
	{"Юлія Соколовська", []string{"Yulia Sokolovska"}},
	{"Михайло Подоляк", []string{"Mykhailo Podoliak"}},
	{"Андрій Сибіга", []string{"Andriy Sybiha", "Sybiha"}},
	{"Ростислав Шурма", []string{"Rostyslav Shurma"}},
	{"Андрій Смирнов", []string{"Andriy Smirnov", "Smirnov", "Smyrnov"}},
	{"Дмитро Кулеба", []string{"Dmytro Kuleba", "Kuleba"}},
	{"Сергій Лещенко", []string{"Serhiy Leshchenko"}},
	{"Дарія Зарівна", []string{"Zarivna"}},
	{"Борис Джонсон", []string{"Boris Johnson", "Johnson"}},
	{"Михайло Федоров", []string{"Fedorov"}},
	{"Олексій Рєзніков", []string{"Reznikov"}},
	{"Київ", []string{"Kyiv"}}, {"Харків", []string{"Kharkiv"}}, {"Херсон", []string{"Kherson"}}, {"Маріуполь", []string{"Mariupol"}},
	{"Миколаїв", []string{"Mykolaiv", "Mykolayiv"}}, {"Одеса", []string{"Odesa"}}, {"Львів", []string{"Lviv"}}, {"Суми", []string{"Sumy"}},
	{"Запоріжжя", []string{"Zaporizhzhia", "Zaporizhia", "Zaporizhzhya"}}, {"Чернігів", []string{"Chernihiv"}},
	{"Сєвєродонецьк", []string{"Severodonetsk"}}, {"Луганськ", []string{"Luhansk"}}, {"Ірпінь", []string{"Irpin"}}, {"Буча", []string{"Bucha"}},
	{"Дніпро", []string{"Dnipro"}}, {"Чернівці", []string{"Chernivtsi"}}, {"Волноваха", []string{"Volnovakha"}}, {"Гостомель", []string{"Hostomel"}},
	{"Бородянка", []string{"Borodyanka", "Borodianka"}}, {"Мелітополь", []string{"Melitopol"}}, {"Бердянськ", []string{"Berdyansk", "Berdiansk"}},
	{"Енергодар", []string{"Energodar", "Enerhodar"}}, {"Охтирка", []string{"Okhtyrka"}}, {"Ізюм", []string{"Izyum", "Izium"}}, {"Чорнобиль", []string{"Chornobyl", "Chernobyl"}},
}

// TestUkraine asks for speakers and places as the English texts spell them, among
// all speakers, places and topics that the index names. No rule was made for them.
func TestUkraine(t *testing.T) {
	dir := filepath.FromSlash("../../../shared/data/ukraine-2022")
	index, err := os.ReadFile(filepath.Join(dir, "index.tsv"))
	if err != nil {
		t.Skip("without the statements of 2022:", err)
	}
	var texts strings.Builder
	f, err := os.Open(filepath.Join(dir, "statements-en.jsonl.gz"))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	z, err := gzip.NewReader(f)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := io.Copy(&texts, z); err != nil {
		t.Fatal(err)
	}
	g := newGraph(t, events.NewMem())
	recorded := make(map[string]bool)
	for line := range strings.Lines(string(index)) {
		fields := strings.Split(line, "\t")
		if len(fields) < 6 || fields[0] == "datetime" {
			continue
		}
		for i, kind := range map[int]events.EntityKind{2: events.Person, 4: events.Topic, 5: events.Place} {
			for _, name := range strings.FieldsFunc(fields[i], func(r rune) bool { return r == '|' || r == ',' }) {
				if name = strings.TrimSpace(name); !recorded[name] {
					recorded[name] = true
					recordNames(t, g, kind, []string{name})
				}
			}
		}
	}
	var all []figure
	for _, f := range ukrainian {
		if !recorded[f.name] {
			t.Errorf("the index does not name %s", f.name)
		}
		in := slices.DeleteFunc(slices.Clone(f.variants), func(v string) bool { return !strings.Contains(texts.String(), v) })
		if len(in) < len(f.variants) {
			t.Logf("of %q the texts have only %q", f.variants, in)
		}
		all = append(all, figure{f.name, in})
	}
	t.Log(len(recorded), "names")
	ask(t, g, all).atLeast(t, "statements of 2022", 76, 76, 30)
}
