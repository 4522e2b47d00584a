package graph_test

import (
	"encoding/json"
	"fmt"
	"log"

	"github.com/onrecord/onrecord/events"
	"github.com/onrecord/onrecord/graph"
)

// A reading in JSON has the fields of the structs, the words of the enumerations and times as
// they were given, and leaves out what is not said. It can be read again.
func ExampleReading_json() {
	g := newGraph()
	defer g.Close()
	b := g.NewBatch(ctx, "desk")
	b.Source("https://gazette.example/12").By(b.Person("Ida Holm")).
		Says("pay", b.Organisation("Harbour Board"), b.Person("Tom Vale")).
		Arg("amount", events.Number("1200", "EUR")).On("2025-02?").Stance("PR-")
	must(g, b)
	for s := range g.View(nil).Statements(graph.Pattern{}) {
		r, err := s.Load(ctx)
		if err != nil {
			log.Fatal(err)
		}
		text, err := json.MarshalIndent(r, "", "  ")
		if err != nil {
			log.Fatal(err)
		}
		fmt.Println(string(text))

		var back graph.Reading
		if err := json.Unmarshal(text, &back); err != nil {
			log.Fatal(err)
		}
		fmt.Println(back.Voices[0].Stance, back.Claim.When.Time, back.Form)
	}
	// Output:
	// {
	//   "ID": "c81ec123-03b0-5d63-98c9-66c138b00464",
	//   "Position": 1,
	//   "Index": 4,
	//   "At": "2025-08-04T12:00:00Z",
	//   "Recorder": "desk",
	//   "Claim": {
	//     "Predicate": "pay",
	//     "Args": [
	//       {
	//         "Role": "subject",
	//         "Value": {
	//           "Kind": "entity",
	//           "ID": "538ed0fd-4992-54fe-b1b8-97eb0d1193ca"
	//         }
	//       },
	//       {
	//         "Role": "object",
	//         "Value": {
	//           "Kind": "entity",
	//           "ID": "8ec441e7-f912-53bc-834f-b69fb85ce232"
	//         }
	//       },
	//       {
	//         "Role": "amount",
	//         "Value": {
	//           "Kind": "number",
	//           "Text": "1200",
	//           "Unit": "EUR"
	//         }
	//       }
	//     ],
	//     "When": {
	//       "Time": "2025-02?"
	//     }
	//   },
	//   "Voices": [
	//     {
	//       "Speakers": [
	//         {
	//           "Entity": "d17288c0-2af4-50fe-93ab-e7460bf7cbf8"
	//         }
	//       ],
	//       "Act": "assert",
	//       "Stance": {
	//         "Certainty": "probable",
	//         "Polarity": "denied"
	//       }
	//     }
	//   ],
	//   "Source": "6cbeaead-7fa5-5e44-a832-05175f90d7da",
	//   "Form": "paraphrase"
	// }
	// PR- 2025-02? paraphrase
}
