package quadstore_test

import (
	"context"
	"fmt"
	"log"
	"os"

	"github.com/cayleygraph/quad/nquads"

	"github.com/onrecord/onrecord/events"
	"github.com/onrecord/onrecord/graph"
	"github.com/onrecord/onrecord/graph/quadstore"
)

// One statement, and what is known of those whom it mentions, as N-Quads. A Cayley
// server loads such a file; its store's NewQuadWriter takes the same without one.
func ExampleCopy() {
	ctx := context.Background()
	g, err := graph.Open(ctx, events.NewMem(), nil)
	if err != nil {
		log.Fatal(err)
	}
	defer g.Close()
	b := events.NewBatch("desk")
	b.Source("https://example.org/august").By(b.Person("A. Reporter")).Published("2025-08-04").
		Reports(b.Person("Dmitry Peskov"), "meet", b.Person("Steve Witkoff"), b.Person("Vladimir Putin")).On("2025-02-11")
	batch, err := b.Batch()
	if err != nil {
		log.Fatal(err)
	}
	if _, err := g.Record(ctx, batch); err != nil {
		log.Fatal(err)
	}

	file := nquads.NewWriter(os.Stdout)
	progress := func(written, total int64) { fmt.Printf("%d of %d quads\n", written, total) }
	if _, err := quadstore.Copy(ctx, file, g.View(nil), &quadstore.CopyOptions{Progress: progress}); err != nil {
		log.Fatal(err)
	}
	if err := file.Close(); err != nil {
		log.Fatal(err)
	}
	// Output:
	// 0 of 23 quads
	// 23 of 23 quads
	// <onrecord:entity/92637478-c677-57ea-bc87-211cef416990> <onrecord:entity/name> "A. Reporter" .
	// <onrecord:entity/92637478-c677-57ea-bc87-211cef416990> <onrecord:entity/kind> <onrecord:kind/person> .
	// <onrecord:entity/e400e1f5-86d5-5da2-b423-cf117211d960> <onrecord:entity/name> "Dmitry Peskov" .
	// <onrecord:entity/e400e1f5-86d5-5da2-b423-cf117211d960> <onrecord:entity/kind> <onrecord:kind/person> .
	// <onrecord:entity/47e1dccf-184b-587e-8426-92b94597db29> <onrecord:entity/name> "Steve Witkoff" .
	// <onrecord:entity/47e1dccf-184b-587e-8426-92b94597db29> <onrecord:entity/kind> <onrecord:kind/person> .
	// <onrecord:entity/77f2bccb-3470-50c2-91b8-287163535d43> <onrecord:entity/name> "Vladimir Putin" .
	// <onrecord:entity/77f2bccb-3470-50c2-91b8-287163535d43> <onrecord:entity/kind> <onrecord:kind/person> .
	// <onrecord:source/d6017bff-c994-58f8-8ad0-6c33c4f56339> <onrecord:source/url> "https://example.org/august" .
	// <onrecord:source/d6017bff-c994-58f8-8ad0-6c33c4f56339> <onrecord:source/published> "2025-08-04"^^<http://id.loc.gov/datatypes/edtf/EDTF> .
	// <onrecord:entity/47e1dccf-184b-587e-8426-92b94597db29> <onrecord:meet> <onrecord:entity/77f2bccb-3470-50c2-91b8-287163535d43> <onrecord:statement/10c65e7f-830c-55e5-b7de-1378e4db5af3> .
	// <onrecord:statement/10c65e7f-830c-55e5-b7de-1378e4db5af3> <onrecord:statement/predicate> <onrecord:meet> <onrecord:statement/10c65e7f-830c-55e5-b7de-1378e4db5af3> .
	// <onrecord:statement/10c65e7f-830c-55e5-b7de-1378e4db5af3> <onrecord:statement/when> "2025-02-11"^^<http://id.loc.gov/datatypes/edtf/EDTF> <onrecord:statement/10c65e7f-830c-55e5-b7de-1378e4db5af3> .
	// <onrecord:statement/10c65e7f-830c-55e5-b7de-1378e4db5af3> <onrecord:statement/source> <onrecord:source/d6017bff-c994-58f8-8ad0-6c33c4f56339> <onrecord:statement/10c65e7f-830c-55e5-b7de-1378e4db5af3> .
	// <onrecord:statement/10c65e7f-830c-55e5-b7de-1378e4db5af3> <onrecord:statement/form> <onrecord:form/paraphrase> <onrecord:statement/10c65e7f-830c-55e5-b7de-1378e4db5af3> .
	// <onrecord:statement/10c65e7f-830c-55e5-b7de-1378e4db5af3> <onrecord:statement/speaker> <onrecord:entity/e400e1f5-86d5-5da2-b423-cf117211d960> <onrecord:statement/10c65e7f-830c-55e5-b7de-1378e4db5af3> .
	// <onrecord:statement/10c65e7f-830c-55e5-b7de-1378e4db5af3> <onrecord:statement/act> <onrecord:act/assert> <onrecord:statement/10c65e7f-830c-55e5-b7de-1378e4db5af3> .
	// <onrecord:statement/10c65e7f-830c-55e5-b7de-1378e4db5af3> <onrecord:statement/stance> <onrecord:stance/CT+> <onrecord:statement/10c65e7f-830c-55e5-b7de-1378e4db5af3> .
	// <onrecord:statement/10c65e7f-830c-55e5-b7de-1378e4db5af3> <onrecord:voice/1/speaker> <onrecord:entity/92637478-c677-57ea-bc87-211cef416990> <onrecord:statement/10c65e7f-830c-55e5-b7de-1378e4db5af3> .
	// <onrecord:statement/10c65e7f-830c-55e5-b7de-1378e4db5af3> <onrecord:voice/1/act> <onrecord:act/assert> <onrecord:statement/10c65e7f-830c-55e5-b7de-1378e4db5af3> .
	// <onrecord:statement/10c65e7f-830c-55e5-b7de-1378e4db5af3> <onrecord:voice/1/stance> <onrecord:stance/CT+> <onrecord:statement/10c65e7f-830c-55e5-b7de-1378e4db5af3> .
	// <onrecord:statement/10c65e7f-830c-55e5-b7de-1378e4db5af3> <onrecord:role/subject> <onrecord:entity/47e1dccf-184b-587e-8426-92b94597db29> <onrecord:statement/10c65e7f-830c-55e5-b7de-1378e4db5af3> .
	// <onrecord:statement/10c65e7f-830c-55e5-b7de-1378e4db5af3> <onrecord:role/object> <onrecord:entity/77f2bccb-3470-50c2-91b8-287163535d43> <onrecord:statement/10c65e7f-830c-55e5-b7de-1378e4db5af3> .
}
